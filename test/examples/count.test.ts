import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs an example; gives the process ids and thread ids of its five tasks. */
async function countedWhere(name: string): Promise<{ processes: Set<string>; threads: Set<string> }> {
  const { stdout, stderr } = await run(process.execPath, ["--import", "tsx", `examples/count/${name}.ts`]);
  assert.equal(stderr, "");
  const lines = stdout.trimEnd().split("\n");
  // What threads print is handed on by the main thread, when it comes to it.
  assert.equal(lines.filter((line) => /^Took \d+\.\d{3} seconds$/.test(line)).length, 1);
  const tasks = lines.filter((line) => !line.startsWith("Took")).map((line) => /^process (\d+), thread (\d+): 49999995000000$/.exec(line) ?? assert.fail(line));
  assert.equal(tasks.length, 5);
  return { processes: new Set(tasks.map(([, pid = ""]) => pid)), threads: new Set(tasks.map(([, , thread = ""]) => thread)) };
}

test("examples/count/run-processes.ts counts in five processes", async () => {
  const { processes, threads } = await countedWhere("run-processes");
  assert.equal(processes.size, 5);
  assert.deepEqual([...threads], ["0"]);
});

test("examples/count/run-threads.ts counts in five threads of one process", async () => {
  const { processes, threads } = await countedWhere("run-threads");
  assert.equal(processes.size, 1);
  assert.equal(threads.size, 5);
  assert.equal(threads.has("0"), false);
});

test("examples/count/run-pool.ts counts in at most two threads of one process", async () => {
  const { processes, threads } = await countedWhere("run-pool");
  assert.equal(processes.size, 1);
  assert.ok(threads.size <= 2);
  assert.equal(threads.has("0"), false);
});
