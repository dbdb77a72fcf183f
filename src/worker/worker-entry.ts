// What a worker starts with, thread or process. Bundled into one self-contained file.

import { isMainThread } from "node:worker_threads";
import { runThread } from "./thread-entry.ts";

if (!isMainThread) runThread();
