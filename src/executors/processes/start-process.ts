// The seam between `Process` and what it works with: see scripts/bundle-entry.

import type { WorkerHandle } from "../../transport/worker-host.ts";
import { startSingle, type SingleListener, type SingleOrder } from "../pooled/single-run.ts";
import { ProcessHost } from "./process-host.ts";

export function startProcess(order: SingleOrder, listener: SingleListener): WorkerHandle {
  return startSingle((options) => new ProcessHost(options), order, listener);
}
