// What the executor has behind it. Loaded with the first pool that is opened, not with dure.

import type { CheckedPoolOptions } from "../../contract/executor-option-checks.ts";
import { Pool } from "../../pool/pool.ts";
import { NearPayloads } from "../../transport/near-payloads.ts";
import type { HostOptions } from "../pooled/host-options.ts";
import { workerSettings } from "../pooled/worker-settings.ts";
import type { BegunProcess } from "./begin-process.ts";
import { ProcessHost } from "./process-host.ts";

/** A pool of processes. `begun`: its first process, if it has been begun in this turn. */
export function openProcessPool(options: CheckedPoolOptions, host: HostOptions, begun: BegunProcess | undefined): Pool {
  return new Pool(workerSettings("processes", options, new ProcessHost(host, new NearPayloads(), begun)));
}
