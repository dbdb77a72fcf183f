// What the executor has behind it. Loaded with the first pool that is opened, not with dure.

import type { PoolOptions } from "../../contract/options.ts";
import { Pool } from "../../pool/pool.ts";
import { workerSettings } from "../pooled/worker-settings.ts";
import { ThreadHost } from "./thread-host.ts";

/** A pool of threads. Throws for options that are not what they must be. */
export function openThreadPool(options: PoolOptions | undefined): Pool {
  return new Pool(workerSettings("threads", "ThreadPoolExecutor", options, (host) => new ThreadHost(host)));
}
