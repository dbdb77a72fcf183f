import type { PoolOptions } from "dure";
import { AsyncExecutor } from "dure";
import { testRung } from "./all-cases.js";
import { busyLoopsRunToTheirEnd, exitsEndTheProgram, valuesAreTheCallersOwn, workerOptionsAreRefused } from "./skips.js";

testRung({
  name: "async",
  open: ({ maxWorkers, ...options }: PoolOptions = {}) => new AsyncExecutor({ ...options, maxConcurrency: maxWorkers }),
  isolates: false,
  hasWorkers: false,
  concurrency: 2,
  skips: [...workerOptionsAreRefused, ...exitsEndTheProgram, ...busyLoopsRunToTheirEnd, ...valuesAreTheCallersOwn],
});
