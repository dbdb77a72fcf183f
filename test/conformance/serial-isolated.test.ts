import type { PoolOptions } from "dure";
import { SerialExecutor } from "dure";
import { testRung } from "./all-cases.js";
import { busyLoopsRunToTheirEnd, exitsEndTheProgram, nestedCallsAreRefused, tasksRunOneByOne, workerOptionsAreRefused } from "./skips.js";

testRung({
  name: "serial isolated",
  open: ({ maxWorkers: _, ...options }: PoolOptions = {}) => new SerialExecutor({ ...options, isolate: true }),
  isolates: true,
  hasWorkers: false,
  concurrency: 1,
  skips: [...workerOptionsAreRefused, ...exitsEndTheProgram, ...busyLoopsRunToTheirEnd, ...tasksRunOneByOne, nestedCallsAreRefused],
});
