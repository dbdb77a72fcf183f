// The seam between `Thread` and what it works with: see scripts/bundle-entry.

import type { WorkerHandle } from "../../transport/worker-host.ts";
import { startSingle, type SingleListener, type SingleOrder } from "../pooled/single-run.ts";
import { ThreadHost } from "./thread-host.ts";

export function startThread(order: SingleOrder, listener: SingleListener): WorkerHandle {
  return startSingle((options) => new ThreadHost(options), order, listener);
}
