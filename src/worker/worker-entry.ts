// What a worker starts with, thread or process. Bundled into one self-contained file.

import { isMainThread } from "node:worker_threads";

// Only what the one or the other needs is loaded: a thread has no use for sockets.
if (isMainThread) void import("./process-entry.ts").then(({ runProcess }) => runProcess());
else void import("./thread-entry.ts").then(({ runThread }) => runThread());
