// What does `import "dure"` add to an empty program? Guards the promise of less than 15 ms. Two programs take turns,
// each in a fresh process, so that both see the same machine.
//
//   npm run bench -- import-time [--turns=25] [--json]

import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({ options: { turns: { type: "string", default: "25" }, json: { type: "boolean", default: false } } });

const entry = import.meta.resolve("dure");
const withoutMs: number[] = [];
const withMs: number[] = [];
// The first turn fills the caches of the file system; it does not count.
for (let turn = -1; turn < Number(options.turns); turn += 1) {
  const [without, withDure] = [timeProgram("export {};"), timeProgram(`import ${JSON.stringify(entry)};`)];
  if (turn < 0) continue;
  withoutMs.push(without);
  withMs.push(withDure);
}
const addedMs = median(withMs.map((ms, turn) => ms - (withoutMs[turn] ?? NaN)));
print(options.json, { machine: machine(), turns: withMs.length, emptyMs: median(withoutMs), withDureMs: median(withMs), addedMs }, [
  `Import of dure into an empty program, ${withMs.length} turns. ${machine()}`,
  `empty program  ${median(withoutMs).toFixed(1)} ms`,
  `with dure      ${median(withMs).toFixed(1)} ms`,
  `added          ${addedMs.toFixed(1)} ms (median of the differences)`,
]);

function timeProgram(source: string): number {
  const begun = performance.now();
  execFileSync(process.execPath, ["--input-type=module", "--eval", source], { stdio: "inherit" });
  return performance.now() - begun;
}
