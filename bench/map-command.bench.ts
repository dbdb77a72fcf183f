// How many items a second does `dure map` pass through a trivial function, and how much memory does it take? Beside it
// what reads and writes as many lines: jq, if it is there, and a plain loop. Guards "constant memory on an input of any size".
//
//   npm run bench -- map-command [--items=1000000] [--most-mib=400] [--json]

import { strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { createReadStream, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machine, print } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    items: { type: "string", default: "1000000" },
    /** Ends with exit code 1 if dure takes more. */
    "most-mib": { type: "string", default: "Infinity" },
    json: { type: "boolean", default: false },
  },
});

const LOOP =
  "for await (const line of (await import('node:readline')).createInterface({ input: process.stdin })) process.stdout.write(JSON.stringify(JSON.parse(line) + 1) + '\\n')";
const count = Number(options.items);
const folder = mkdtempSync(join(tmpdir(), "dure-bench-"));
const items = join(folder, "items.ndjson");
writeFileSync(items, Array.from({ length: count }, (_, index) => `${index}\n`).join(""));
const module = join(folder, "increment.mjs");
writeFileSync(module, "export const increment = (item) => item + 1;");
const main = fileURLToPath(new URL("cli/main.js", import.meta.resolve("dure")));
const map = (...more: string[]): string[] => [process.execPath, main, "map", `${module}#increment`, ...more];

interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly itemsPerSecond: number;
  readonly peakMib: number;
}

const rows: Row[] = [];
try {
  for (const executor of ["serial", "threads:2", "processes:2"]) rows.push(await time(`dure map, ${executor}`, map("--executor", executor)));
  rows.push(await time("dure map, threads:2, joblog", map("--workers", "2", "--joblog", join(folder, "job.log"))));
  rows.push(await time("node, a loop over readline", [process.execPath, "--input-type=module", "--eval", LOOP]));
  rows.push(await time("jq -c '. + 1'", ["jq", "-c", ". + 1"]));
} finally {
  rmSync(folder, { recursive: true });
}
print(options.json, { machine: machine(), items: count, rows }, [
  `${count} items through x + 1, file to file. Memory: of the first process, peak. ${machine()}`,
  ...rows.map(
    (row) =>
      `${row.name.padEnd(30)}${row.seconds.toFixed(2).padStart(8)} s${Math.round(row.itemsPerSecond).toLocaleString("en-US").padStart(12)} items/s${row.peakMib.toFixed(0).padStart(6)} MiB`,
  ),
]);
if (rows.some((row) => row.name.startsWith("dure") && row.peakMib > Number(options["most-mib"]))) process.exitCode = 1;

async function time(name: string, [command = "", ...args]: string[]): Promise<Row> {
  const output = join(folder, "output");
  const begun = performance.now();
  const child = spawn(command, args, { stdio: [openSync(items, "r"), openSync(output, "w"), "inherit"] });
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, memoryOf(child.pid))), 50);
  const code = await new Promise((resolve) => child.on("error", () => resolve("missing")).on("exit", resolve));
  clearInterval(timer);
  const seconds = (performance.now() - begun) / 1000;
  if (code === "missing") return { name: `${name} (not here)`, seconds: 0, itemsPerSecond: 0, peakMib: 0 };
  strictEqual(await countLines(output), count);
  return { name, seconds, itemsPerSecond: count / seconds, peakMib: peak };
}

/** MiB that the process has had at most; 0 where the system does not tell. */
function memoryOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

async function countLines(path: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) for (const byte of chunk) if (byte === 10) lines += 1;
  return lines;
}
