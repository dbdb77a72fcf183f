// What a pool that has worked and has nothing to do uses of the processor.

import { warmUp } from "../calibrate.ts";
import { openPool, pause } from "../measurement.ts";
import type { Measurement } from "../measurement.ts";
import { cpuTimeOfTree } from "../process-tree.ts";

export const idle: Measurement = async (setting) => {
  const pool = await openPool(setting);
  await warmUp(pool, setting.workers);
  // What is still being compiled and collected is no idling.
  await pause(500);
  const begun = performance.now();
  const before = cpuTimeOfTree();
  await pause(setting.duration);
  const used = cpuTimeOfTree() - before;
  setting.report("per second", (used * 1000) / (performance.now() - begun));
  return pool;
};
