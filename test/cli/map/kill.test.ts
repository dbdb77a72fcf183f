// A run that is killed at random moments and resumed each time must leave what an undisturbed run leaves.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isLongForm, randomNumbers, SEED } from "../../chaos.ts";
import { DURE } from "../run-dure.ts";

const FUNCTIONS = fileURLToPath(new URL("../fixtures/map-functions.js", import.meta.url));
/** Over all forms. */
const KILLS = isLongForm ? 120 : 5;
const ITEMS = 3_000;

const folder = mkdtempSync(join(tmpdir(), "dure-kill-"));
after(() => rmSync(folder, { recursive: true }));
const items = join(folder, "items.ndjson");
writeFileSync(items, Array.from({ length: ITEMS }, (_, index) => `${index}\n`).join(""));
const expected = Array.from({ length: ITEMS }, (_, index) => `{"item":${index},"text":"${"é".repeat(index % 50)}"}`);

interface Form {
  readonly fact: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly ordered: boolean;
  readonly appends: boolean;
  readonly module: string;
}

const FORMS: readonly Form[] = [
  { fact: "with --output", name: "output", args: [], ordered: true, appends: false, module: FUNCTIONS },
  { fact: "with >> and processes", name: "append", args: ["--executor", "processes:2"], ordered: true, appends: true, module: FUNCTIONS },
  { fact: "without order", name: "unordered", args: ["--unordered"], ordered: false, appends: false, module: FUNCTIONS },
  // Where Node reads no TypeScript, the process that is killed is not the one that works.
  { fact: "with a TypeScript module", name: "typescript", args: [], ordered: true, appends: false, module: "test/cli/fixtures/map-functions.ts" },
];

for (const form of FORMS) {
  const kills = Math.ceil(KILLS / FORMS.length);
  test(`dure map ${form.fact}, killed ${kills} times and resumed, leaves what an undisturbed run leaves (seed ${SEED})`, async () => {
    const random = randomNumbers(form.name);
    const output = join(folder, `${form.name}.ndjson`);
    const joblog = join(folder, `${form.name}.log`);
    const begin = (): void => {
      rmSync(joblog, { force: true });
      writeFileSync(output, form.appends ? "before\n" : "");
    };
    begin();
    const run = (): ReturnType<typeof spawn> => {
      const stdout = form.appends ? openSync(output, "a") : undefined;
      const destination = stdout === undefined ? ["--output", output] : [];
      const args = ["map", `${form.module}#describe`, "--items", items, "--joblog", joblog, "--resume", "--workers", "2", ...destination, ...form.args];
      const options = form.args.includes("--executor") ? args.filter((arg, at) => arg !== "--workers" && args[at - 1] !== "--workers") : args;
      const child = spawn(process.execPath, [DURE, ...options], { stdio: ["ignore", stdout ?? "ignore", "pipe"] });
      if (stdout !== undefined) closeSync(stdout);
      return child;
    };
    let killed = 0;
    while (killed < kills) {
      const child = run();
      const ended = once(child, "exit");
      const size = sizeOf(output);
      // Not before it writes: a kill while it starts teaches nothing new each time. Then at any moment.
      if (random() < 0.9) while (sizeOf(output) === size && child.exitCode === null) await sleep(1);
      await sleep(random() * 12);
      child.kill("SIGKILL");
      const [code] = (await ended) as [number | null];
      if (code === null) killed += 1;
      else begin();
    }
    console.log(`${form.name}: killed ${killed} times`);
    const last = run();
    let stderr = "";
    last.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const [code] = (await once(last, "close")) as [number];
    assert.deepEqual([code, stderr], [0, ""]);
    const lines = readFileSync(output, "utf8").split("\n");
    assert.equal(lines.pop(), "");
    if (form.appends) assert.equal(lines.shift(), "before");
    if (!form.ordered) lines.sort((a, b) => JSON.parse(a).item - JSON.parse(b).item);
    assert.deepEqual(lines, expected);
    const numbers = readFileSync(joblog, "utf8")
      .trimEnd()
      .split("\n")
      .slice(2)
      .map((line) => Number(line.split("\t")[0]));
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      expected.map((_, at) => at + 1),
    );
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
