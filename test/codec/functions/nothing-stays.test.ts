// Looking into functions leaves nothing behind: no memory held, no global, no inspector that watches.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const DISSECT = new URL("../../../../dist/codec/functions/dissect.js", import.meta.url).href;

/** What a program tells, run with a garbage collector at hand. Its standard output is its own. */
function told(program: string): unknown {
  const source = `
    import { dissect } from ${JSON.stringify(DISSECT)};
    const take = (fn) => dissect(fn, "fn", "task", new Map());
    // Weak references hold until the end of the turn in which they were made or read.
    const collect = async () => { for (let i = 0; i < 5; i++) { await new Promise(setImmediate); gc(); } };
    const tell = (value) => process.stderr.write(JSON.stringify(value));
    ${program}`;
  const { stderr } = spawnSync(process.execPath, ["--expose-gc", "--no-warnings", "--input-type=module", "-e", source], { encoding: "utf8" });
  return JSON.parse(stderr);
}

test("functions and what they captured are collected once they are done", () => {
  const alive = told(`
    const refs = [];
    for (let i = 0; i < 1000; i++) {
      const big = { bytes: new Uint8Array(1000), own: () => big };
      const fn = () => [big, i];
      take(fn);
      take(() => refs);
      refs.push(new WeakRef(fn), new WeakRef(big));
    }
    await collect();
    tell(refs.filter((ref) => ref.deref() !== undefined).length);`);
  assert.ok(Number(alive) <= 2, `${String(alive)} of 2000 are alive`);
});

test("the heap does not grow with the number of functions", () => {
  const growth = told(`
    const make = (i) => (x) => x + i + counter;
    let counter = 0;
    const round = async () => { for (let i = 0; i < 5000; i++) { counter++; take(make(i)); } await collect(); return process.memoryUsage().heapUsed; };
    await round();
    const before = await round();
    await round();
    tell(((await round()) - before) / 10_000);`);
  assert.ok(Number(growth) < 20, `${String(growth)} bytes for each`);
});

test("nothing is left on the global object or on process", () => {
  const same = told(`
    const names = () => [...Reflect.ownKeys(globalThis), ...Reflect.ownKeys(process)].map(String);
    // Some of Node's own are made when first read.
    take(Math.max); take(() => 1);
    const before = names();
    const value = 1;
    take(() => value); take(class { static #a = value; }); take((() => value).bind(null));
    const after = names();
    tell(after.filter((name) => !before.includes(name)).concat(names().filter((name) => name.includes("dure"))));`);
  assert.deepEqual(same, []);
});

test("what is logged afterwards is collected, as no inspector watches", () => {
  const alive = told(`
    const value = 1;
    take(() => value);
    const refs = [];
    for (let i = 0; i < 100; i++) { const logged = { i }; console.log(logged); refs.push(new WeakRef(logged)); }
    await collect();
    tell(refs.filter((ref) => ref.deref() !== undefined).length);`);
  assert.ok(Number(alive) <= 1, `${String(alive)} of 100 are alive`);
});

test("a failed look leaves nothing connected", () => {
  const alive = told(`
    const refs = [];
    try { take(() => early); } catch (error) { if (error.code !== "DURE_SERIALIZATION") throw error; }
    const early = 1;
    for (let i = 0; i < 100; i++) { const logged = { i }; console.log(logged); refs.push(new WeakRef(logged)); }
    await collect();
    tell(refs.filter((ref) => ref.deref() !== undefined).length);`);
  assert.ok(Number(alive) <= 1, `${String(alive)} of 100 are alive`);
});

test("a debugger statement in a getter does not stop the program", () => {
  const value = told(`
    const { inspect } = await import(${JSON.stringify(new URL("inspection.js", DISSECT).href)});
    const captured = { get url() { debugger; return 1; } };
    inspect(() => captured.url, "fn", (inspection) => { inspection.script(inspection.location.scriptId); captured.url; });
    tell(captured.url);`);
  assert.equal(value, 1);
});
