// Importing dure starts nothing: no thread, process, timer or listener, and nothing heavy is loaded before it is needed.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a program of its own sees before and after the import. */
const OBSERVER = `
  const observe = () => ({
    resources: process.getActiveResourcesInfo().filter((name) => !/^(PipeWrap|TTYWrap|FSReqPromise|FileHandle|Immediate)$/.test(name)),
    listeners: process.eventNames().map(String).map((name) => name + ":" + process.listenerCount(name)),
    names: Object.getOwnPropertyNames(globalThis),
    env: { ...process.env },
    cwd: process.cwd(),
  });
  let threads = 0;
  process.on("worker", () => threads++);
  const { subscribe } = await import("node:diagnostics_channel");
  let children = 0;
  subscribe("child_process", () => children++);
  const before = observe();
  const loadedBefore = process.moduleLoadList.length;
  const dure = await import("dure");
  await new Promise(setImmediate);
  const after = observe();
  const loaded = process.moduleLoadList.slice(loadedBefore).filter((name) => name.includes("inspector"));
  console.log(JSON.stringify({ before, after, threads, children, loaded, exported: Object.keys(dure).length }));
`;

test("importing dure starts nothing and changes nothing", async () => {
  const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", OBSERVER]);
  const { before, after, threads, children, exported } = JSON.parse(stdout);
  assert.deepEqual(after, before);
  assert.deepEqual({ threads, children }, { threads: 0, children: 0 });
  assert.ok(exported > 0);
  assert.equal(stderr, "");
});

test("importing dure loads no inspector", async () => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", OBSERVER]);
  assert.deepEqual(JSON.parse(stdout).loaded, []);
});

test("importing dure in CommonJS gives the same module", async () => {
  const program = 'import("dure").then((imported) => console.log(String(require("dure").CancelledError === imported.CancelledError)))';
  const { stdout } = await run(process.execPath, ["-e", program]);
  assert.equal(stdout, "true\n");
});
