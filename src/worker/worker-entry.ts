// What a worker starts with, thread or process. Bundled into one self-contained file.

import { isMainThread } from "node:worker_threads";
import { runProcess } from "./process-entry.ts";
import { runThread } from "./thread-entry.ts";

if (isMainThread) runProcess();
else runThread();
