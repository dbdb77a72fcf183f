// dure.js, which is what `import "dure"` loads, and the engine that its first executor loads.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const DURE = fileURLToPath(import.meta.resolve("#dure/dure.js"));
const ENGINE = fileURLToPath(import.meta.resolve("#dure/dure-engine.cjs"));

const folder = mkdtempSync(join(tmpdir(), "dure-engine-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs a module in the folder that dure.js was copied to. */
async function program(name: string, source: string): Promise<unknown> {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, source);
  const { stdout, stderr } = await run(process.execPath, [path]);
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const DOUBLE_ON_EACH_RUNG = `
  const answers = {};
  for (const rung of ["serial", "async", "threads", "processes"]) {
    const executor = createExecutor(rung);
    const failure = await executor.submit(() => { throw new RangeError("no"); }).exception();
    answers[rung] = [await executor.map((x) => x * 2, [1, 2]), failure instanceof RangeError];
    await executor.shutdown();
    answers[rung].push((await executor.submit(() => 1).exception()) instanceof ExecutorShutdownError);
  }
  console.log(JSON.stringify(answers));
`;
const DOUBLED = Object.fromEntries(["serial", "async", "threads", "processes"].map((rung) => [rung, [[2, 4], true, true]]));

test("importing dure loads no engine: the first executor does, once the program waits", async () => {
  const source = `
    import fs from "node:fs";
    import { createExecutor, CancelledError, wait, move } from ${JSON.stringify(DURE)};
    const { readFileSync } = fs;
    const read = [];
    fs.readFileSync = (path, ...rest) => (read.push(path), readFileSync(path, ...rest));
    const isLoaded = () => read.includes(${JSON.stringify(ENGINE)});
    const before = isLoaded();
    createExecutor("serial");
    const made = isLoaded();
    await new Promise(setImmediate);
    console.log(JSON.stringify([before, made, isLoaded()]));
  `;
  assert.deepEqual(await program("lazy", source), [false, false, true]);
});

/** The parts that dure.js has read, in order, after the code has run with `executor`. */
async function partsRead(name: string, rung: string, code: string): Promise<unknown> {
  const source = `
    import fs from "node:fs";
    import { createExecutor } from ${JSON.stringify(DURE)};
    const { readFileSync } = fs;
    const parts = [];
    fs.readFileSync = (path, ...rest) => {
      parts.push(.../dure-[a-z-]+(?=\\.cjs$)/.exec(path) ?? []);
      return readFileSync(path, ...rest);
    };
    const executor = createExecutor(${JSON.stringify(rung)});
    const result = ${code};
    console.log(JSON.stringify([result, executor.stats().workersStarted, ...parts]));
    await executor.shutdown();
  `;
  return program(name, source);
}

test("a pool's first worker is begun before the engine is loaded", async () => {
  for (const kind of ["thread", "process"]) {
    const expected = [1, 1, `dure-begin-${kind}`, "dure-engine", ...(kind === "thread" ? [] : ["dure-processes"]), "dure-packing", "dure-parser"];
    assert.deepEqual(await partsRead(`begun-${kind}`, kind === "thread" ? "threads" : "processes", "await executor.submit(() => 1)"), expected);
  }
});

test("no worker is begun for a task that is aborted already", async () => {
  const code = "await executor.with({ signal: AbortSignal.abort(2) }).submit(() => 1).catch((reason) => reason)";
  assert.deepEqual(await partsRead("aborted", "threads", code), [2, 0, "dure-engine", "dure-packing", "dure-parser"]);
});

test("the parser is not loaded for a function that a module plainly exports", async () => {
  writeFileSync(join(folder, "one.mjs"), "export const one = () => 1;");
  const code = 'await executor.submit((await import("./one.mjs")).one)';
  const [result, workers, ...parts] = (await partsRead("plain", "threads", code)) as unknown[];
  // Whether the engine is loaded while the program waits for its module, and so before the worker is begun, depends on Node.
  assert.deepEqual([result, workers, parts.toSorted()], [1, 1, ["dure-begin-thread", "dure-engine", "dure-packing"]]);
});

test("dure.js works on each rung with its engine beside it, and its errors are those that it exports", async () => {
  const source = `import { createExecutor, ExecutorShutdownError } from ${JSON.stringify(DURE)};${DOUBLE_ON_EACH_RUNG}`;
  assert.deepEqual(await program("beside", source), DOUBLED);
});

test("dure.js works on each rung without the files beside it", async () => {
  cpSync(DURE, join(folder, "alone.mjs"));
  const source = `import { createExecutor, ExecutorShutdownError } from "./alone.mjs";${DOUBLE_ON_EACH_RUNG}`;
  assert.deepEqual(await program("without", source), DOUBLED);
});

test("dure.js does not take an engine of another version", async () => {
  cpSync(DURE, join(folder, "other.mjs"));
  const otherEngine = `module.exports = () => { throw new Error("another version"); }; module.exports.stamp = "another";`;
  writeFileSync(join(folder, "dure-engine.cjs"), otherEngine);
  const source = `import { createExecutor, ExecutorShutdownError } from "./other.mjs";${DOUBLE_ON_EACH_RUNG}`;
  assert.deepEqual(await program("version", source), DOUBLED);
});

test("the stack of a task's error shows no frames of dure, with the files beside it and without", async () => {
  cpSync(DURE, join(folder, "stacks.mjs"));
  for (const dure of [DURE, "./stacks.mjs"]) {
    const source = `
      import { createExecutor } from ${JSON.stringify(dure)};
      const frames = [];
      for (const rung of ["threads", "processes"]) {
        const executor = createExecutor(rung);
        const error = await executor.submit(() => { throw new Error("no"); }).exception();
        frames.push(error.stack.split("\\n").filter((line) => /^ +at /.test(line)).length);
        await executor.shutdown();
      }
      console.log(JSON.stringify(frames));
    `;
    assert.deepEqual(await program("stacks-program", source), [1, 1]);
  }
});

test("in a task, the error that its signal gives is an instance of the class that the program imports", async () => {
  const source = `
    import { currentTask, ExecutorError, ThreadPoolExecutor, TimeoutError, CancelledError } from ${JSON.stringify(DURE)};
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    const seen = new Int32Array(new SharedArrayBuffer(16));
    const task = async () => {
      const { signal } = currentTask();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      [TimeoutError, ExecutorError, CancelledError, RangeError].forEach((Class, index) => (seen[index] = signal.reason instanceof Class ? 1 : 2));
    };
    await pool.with({ timeout: 50 }).submit(task).exception();
    await pool.shutdown();
    console.log(JSON.stringify([...seen]));
  `;
  assert.deepEqual(await program("instances", source), [1, 1, 2, 2]);
});
