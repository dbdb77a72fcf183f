// The process of one contender in one measurement: node main.js MODULE KIND MEASUREMENT SIZES. Says its figures in lines
// that begin with `versus`, as the libraries may print, too.

import type { Contender } from "../contender.ts";
import type { Sizes } from "../plan.ts";
import { pause, UnavailableError } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { awaited } from "./measurements/awaited.ts";
import { cancel } from "./measurements/cancel.ts";
import { durations, mixed } from "./measurements/durations.ts";
import { idle } from "./measurements/idle.ts";
import { memory } from "./measurements/memory.ts";
import { payloadMoved, payloadObject, payloadShared, payloadString, payloadTypedArray } from "./measurements/payload.ts";
import { startUp } from "./measurements/start-up.ts";
import { closures, map, submitAll } from "./measurements/throughput.ts";

const measurements: Readonly<Record<string, Measurement>> = {
  "submit-all": submitAll,
  map,
  awaited,
  "start-up": startUp,
  durations,
  mixed,
  "payload-object": payloadObject,
  "payload-string": payloadString,
  "payload-typed-array": payloadTypedArray,
  "payload-moved": payloadMoved,
  "payload-shared": payloadShared,
  cancel,
  memory,
  idle,
  closures,
};

/** Milliseconds that closing may take: it is not measured, and what is left is ended from outside. */
const CLOSING = 3000;

const [module = "", kind = "", name = "", options = ""] = process.argv.slice(2);
const { workers, ...sizes } = JSON.parse(options) as Sizes & { workers: number };

function say(message: object): void {
  console.log(`versus ${JSON.stringify(message)}`);
}

try {
  const measure = measurements[name];
  if (measure === undefined) throw new TypeError(`There is no measurement ${name}`);
  const pool = await measure({
    ...sizes,
    workers,
    kind,
    load: async () => ((await import(`../contenders/${module}.js`)) as { contender: Contender }).contender,
    report: (column, value) => say({ column, value }),
  });
  say({ end: true });
  await Promise.race([pool.close(), pause(CLOSING)]);
} catch (error) {
  if (error instanceof UnavailableError) say({ unavailable: error.message });
  else say({ failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
process.exit();
