// Noted closures of one place are sent as one function that makes them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { annotate } from "#dure/captures/annotate.js";
import { createPacker } from "#dure/codec/codec.js";
import { dissect } from "#dure/codec/functions/dissect.js";
import type { PackedCall } from "#dure/codec/crossing.js";
import { createMakers } from "#dure/codec/values/makers.js";
import { submitted, type AnyFunction } from "../../captures/submitted.ts";

const BOUNDARY = { memory: "shared", maxCaptureSize: 1000 } as const;

/** The closures that a program submits; the first of a place is how that becomes known. */
function noted(source: string): AnyFunction[] {
  return submitted(annotate(source, false) ?? "");
}

/** How they cross, and what is called in the worker with the arguments. */
function calls(source: string, args: (index: number) => unknown[] = () => []): PackedCall[] {
  const packer = createPacker(BOUNDARY);
  return noted(source).map((fn, index) => packer.packCall(fn, args(index)));
}

test("closures of one place have one maker, and their values come before the arguments", () => {
  const [first, second, third] = calls("const add = (a, b) => a + b; for (const x of [1, 2, 3]) pool.submit((y) => add(x, y));", (index) => [index * 10]);
  assert.equal(first?.fn.given, undefined);
  assert.equal(second?.fn.given, 1);
  assert.equal(third?.fn, second?.fn);
  assert.deepEqual([second?.args.value, third?.args.value], [[2, 10], [3, 20]]); // biome-ignore format: short
});

test("an object is given as it is at that time, and only what is read of it", () => {
  const [, second] = calls(
    "for (const x of [1, 2]) { const data = { x, list: [x], never: new WeakMap() }; pool.submit(() => [data.x, data.list]); data.x = 9; data.list.push(9); }",
  );
  // The program has run to its end before anything is packed.
  assert.deepEqual(second?.args.value, [{ x: 9, list: [2, 9] }]);
});

test("a closure whose arguments or values are more than data is packed whole", () => {
  const [, withFunction] = calls("for (const x of [1, 2]) pool.submit((f) => f(x));", () => [Math.abs]);
  assert.deepEqual([withFunction?.fn.given, withFunction?.args.coded], [undefined, true]);
  const [, ofInstance] = calls("class A {} for (const x of [1, 2]) { const a = new A(); pool.submit(() => [a, x]); }");
  assert.equal(ofInstance?.fn.given, undefined);
  const [, ofOne] = calls("for (const x of [1, 2]) { const one = { x }; const other = [one]; pool.submit(() => [one, other]); }");
  assert.equal(ofOne?.fn.given, undefined);
});

test("what makers capture is compared: another function has another maker", () => {
  const [, second, third, fourth] = calls("const f = () => 1, g = () => 2; for (const h of [f, f, g, g]) pool.submit(() => h());");
  assert.notEqual(second?.fn, third?.fn);
  assert.equal(third?.fn, fourth?.fn);
  assert.deepEqual(third?.args.value, []);
});

test("a function of a module that is replaced is noticed", () => {
  const source = "const exported = { __esModule: true, f: () => 1 }; for (let x = 0; x < 3; x++) pool.submit(() => exported.f(x)); pool.submit(exported);";
  const [first, second, third, exported] = noted(source) as [AnyFunction, AnyFunction, AnyFunction, object];
  const packer = createPacker(BOUNDARY);
  packer.packCall(first, []);
  const before = packer.packCall(second, []).fn;
  assert.deepEqual([before.given, packer.packCall(third, []).fn === before], [1, true]);
  Object.assign(exported, { f: () => 2 });
  assert.notEqual(packer.packCall(third, []).fn, before);
});

test("a captured function that captures what may change makes no maker", () => {
  const [, second] = calls("const list = [1]; const f = () => list.length; for (const x of [1, 2]) pool.submit(() => f() + x);");
  assert.equal(second?.fn.given, undefined);
});

test("a text that is too large is refused by its name, and the next one is made again", () => {
  const packer = createPacker(BOUNDARY);
  const [first, second, third] = noted("for (const size of [1, 2000, 2]) { const text = 'x'.repeat(size); pool.submit(() => text); }") as [
    AnyFunction,
    AnyFunction,
    AnyFunction,
  ];
  packer.packCall(first, []);
  assert.throws(() => packer.packCall(second, []), /Cannot send text, which a function captures, as it takes more than 1000 bytes/);
  assert.deepEqual(packer.packCall(third, []).args.value, ["xx"]);
});

test("where each closure would need a maker of its own, none is tried any more", () => {
  let dissected = 0;
  const counting: typeof dissect = (...what) => {
    dissected += 1;
    return dissect(...what);
  };
  const makers = createMakers({ ...BOUNDARY, dissect: counting });
  const closures = noted("for (let x = 0; x < 20; x++) { const list = [x]; const own = () => list; pool.submit(() => own()); }");
  dissect(closures[0] as AnyFunction, "fn", "task", new Map());
  for (const fn of closures) assert.equal(makers.made(fn), undefined);
  assert.ok(dissected < closures.length, String(dissected));
});
