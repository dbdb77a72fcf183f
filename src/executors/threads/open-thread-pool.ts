// What the executor has behind it. Loaded with the first pool that is opened, not with dure.

import type { CheckedPoolOptions } from "../../contract/executor-option-checks.ts";
import { Pool } from "../../pool/pool.ts";
import type { HostOptions } from "../pooled/host-options.ts";
import { workerSettings } from "../pooled/worker-settings.ts";
import type { BegunThread } from "./begin-thread.ts";
import { ThreadHost } from "./thread-host.ts";

/** A pool of threads. `begun`: its first thread, if it has been begun in this turn. */
export function openThreadPool(options: CheckedPoolOptions, host: HostOptions, begun: BegunThread | undefined): Pool {
  return new Pool(workerSettings("threads", options, new ThreadHost(host, begun)));
}
