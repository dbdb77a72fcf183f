// What the executor has behind it. Loaded with the first pool that is opened, not with dure.

import type { PoolOptions } from "../../contract/options.ts";
import { Pool } from "../../pool/pool.ts";
import { NearPayloads } from "../../transport/near-payloads.ts";
import { workerSettings } from "../pooled/worker-settings.ts";
import { ProcessHost } from "./process-host.ts";

/** A pool of processes. Throws for options that are not what they must be. */
export function openProcessPool(options: PoolOptions | undefined): Pool {
  // What it takes to share memory with a process takes each worker some milliseconds to load: only for those who ask for it.
  const asksToSpin = options?.spin !== undefined;
  return new Pool(
    workerSettings(
      "processes",
      "ProcessPoolExecutor",
      options,
      (host) => new ProcessHost(asksToSpin ? host : { ...host, spin: undefined }, new NearPayloads()),
    ),
  );
}
