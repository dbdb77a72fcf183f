import type { PoolOptions } from "dure";
import { SerialExecutor } from "dure";
import { testRung } from "./all-cases.js";
import { busyLoopsRunToTheirEnd, exitsEndTheProgram, tasksRunOneByOne, valuesAreTheCallersOwn, workerOptionsAreRefused } from "./skips.js";

testRung({
  name: "serial",
  open: ({ maxWorkers: _, ...options }: PoolOptions = {}) => new SerialExecutor(options),
  isolates: false,
  hasWorkers: false,
  concurrency: 1,
  skips: [...workerOptionsAreRefused, ...exitsEndTheProgram, ...busyLoopsRunToTheirEnd, ...valuesAreTheCallersOwn, ...tasksRunOneByOne],
});
