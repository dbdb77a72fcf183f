// What a thread is started with. Under one name, as a thread's `workerData` is visible to the user's code.

import type { MessagePort } from "node:worker_threads";

export interface ThreadStart {
  readonly dure: {
    /** Ours alone: the user's code may use `parentPort`. */
    readonly port: MessagePort;
    /** Control words, shared with the pool. */
    readonly claims: SharedArrayBuffer;
    /** Where pool and thread hand small messages over, and for how many milliseconds the thread looks there when it has nothing to do. */
    readonly ring: { readonly memory: SharedArrayBuffer; readonly spinMs: number };
  };
}
