import { ProcessPoolExecutor } from "dure";
import { testRung } from "./all-cases.js";
import { nestedCallsAreRefused } from "./skips.js";

testRung({
  name: "processes",
  open: (options) => new ProcessPoolExecutor(options),
  isolates: true,
  hasWorkers: true,
  concurrency: 2,
  skips: [nestedCallsAreRefused],
});
