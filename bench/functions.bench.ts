// What does it cost to take a function apart, and is the program slower afterwards? Guards three things that looking
// into functions could ruin: the time of each crossing, `console.log`, and `await`.
//
//   npm run bench -- functions [--json]

import { parseArgs } from "node:util";
import vm from "node:vm";
import { annotate } from "#dure/captures/annotate.js";
import { dissect } from "#dure/codec/functions/dissect.js";
import { keepNotes } from "#dure/codec/functions/notes.js";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({ options: { json: { type: "boolean", default: false } } });

type AnyFunction = (...args: never[]) => unknown;

const rows: { subject: string; microseconds: number }[] = [];
const before = await speedOfProgram();

once("the first function of a program", () => 1);
once("the second, of the same module", () => 2);
once("the first of another script", vm.runInThisContext("(x) => x + 1") as AnyFunction);
repeated("a fresh closure of one loop", (index) => (x: number) => x * index);
const constant = (x: number): number => x * rows.length;
repeated("a fresh closure of one loop that is noted", notedClosures());
repeated("a function without variables, again", () => once);
repeated("a closure whose variables may change, again", () => constant);
for (const count of [1_000, 10_000]) {
  const program = moduleOf(count);
  once(`the first function beside ${count} variables`, program());
  repeated(`a fresh closure beside ${count} variables`, () => program(), 100);
}

const after = await speedOfProgram();
const lines = rows.map(({ subject, microseconds }) => `${subject.padEnd(52)}${microseconds.toFixed(1).padStart(12)}`);
print(options.json, { machine: machine(), rows, before, after }, [
  `Microseconds. ${machine()}`,
  ...lines,
  "",
  `Nanoseconds: console.log ${before.consoleLogNs.toFixed(0)} before, ${after.consoleLogNs.toFixed(0)} after; await ${before.awaitNs.toFixed(0)} before, ${after.awaitNs.toFixed(0)} after`,
]);

/** As `dure/captures` has them made. */
function notedClosures(): (index: number) => AnyFunction {
  keepNotes(annotate);
  const source = "return (index) => pool.submit((x) => x * index);";
  const make = vm.compileFunction(annotate(source, false) ?? "", ["pool"]) as (pool: object) => (index: number) => AnyFunction;
  return make({ submit: (fn: AnyFunction) => fn });
}

/** Functions beside many variables, all of which other functions use, as in a bundle. */
function moduleOf(count: number): () => AnyFunction {
  const names = Array.from({ length: count }, (_, index) => `v${index}`);
  const source = `(() => { let ${names.map((name, index) => `${name} = ${index}`).join()}; const all = () => [${names.join()}]; return () => (x) => x + v1; })()`;
  return vm.runInThisContext(source) as () => AnyFunction;
}

function take(fn: AnyFunction): void {
  const { kind } = dissect(fn, "fn", "task", new Map());
  if (kind !== "source") throw new Error(`${fn.name} crossed as ${kind}`);
}

function once(subject: string, fn: AnyFunction): void {
  const begun = performance.now();
  take(fn);
  rows.push({ subject, microseconds: (performance.now() - begun) * 1000 });
}

function repeated(subject: string, make: (index: number) => AnyFunction, count = 2000): void {
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    for (let index = 0; index < count; index += 1) take(make(index));
    return ((performance.now() - begun) * 1000) / count;
  });
  rows.push({ subject, microseconds: median(times) });
}

async function speedOfProgram(): Promise<{ consoleLogNs: number; awaitNs: number }> {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true;
  const logged = rounds(() => {
    for (let index = 0; index < 2000; index += 1) console.log({ index });
  });
  process.stdout.write = write;
  const waited = Promise.resolve();
  const awaited: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const begun = performance.now();
    for (let index = 0; index < 20_000; index += 1) await waited;
    awaited.push((performance.now() - begun) * 1e6);
  }
  return { consoleLogNs: (median(logged) * 1e6) / 2000, awaitNs: median(awaited) / 20_000 };
}

function rounds(work: () => void): number[] {
  return Array.from({ length: 9 }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
}
