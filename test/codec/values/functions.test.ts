import { deepStrictEqual, equal, ok } from "node:assert/strict";
import builtinFs from "node:fs";
import { test } from "node:test";
import { createPacker } from "#dure/codec/codec.js";
import { boundary, cross, crossFunction, packer, receive, refusal, refusalOf } from "./crossing-of-values.ts";

test("packFunction() carries captured primitives, objects and functions as they are now", async () => {
  let factor = 2;
  const config = { offset: 1, list: [1, 2] };
  const scale = (x: number): number => x * factor;
  const packed = packer.packFunction((x: number) => scale(x) + config.offset + config.list.length);
  factor = 100;
  config.offset = 100;
  const copy = (await receive(packed)) as (x: number) => number;
  equal(copy(5), 13);
});

test("packFunction() keeps recursion, mutual recursion and shared objects", async () => {
  const isEven = (n: number): boolean => n === 0 || isOdd(n - 1);
  const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1);
  const shared = { count: 0 };
  const increment = (): number => (shared.count += 1);
  const copy = await crossFunction((n: number) => [isEven(n), increment(), increment(), shared.count]);
  deepStrictEqual(copy(10), [true, 1, 2, 2]);
  equal(shared.count, 0);
});

test("packFunction() keeps what bound functions are bound to", async () => {
  const counter = {
    start: 5,
    add(this: { start: number }, a: number, b: number): number {
      return this.start + a + b;
    },
  };
  const bound = counter.add.bind(counter, 1);
  equal((await crossFunction(bound))(2), 8);
  const holder: { value: number; handler?: () => number } = { value: 3 };
  holder.handler = function (this: typeof holder): number {
    return this.value;
  }.bind(holder);
  const [copy] = await cross([holder] as const);
  copy.value = 4;
  equal(copy.handler?.(), 4);
});

test("pack() carries functions inside values, once each", async () => {
  const double = (x: number): number => x * 2;
  const value = {
    double,
    list: [double],
    map: new Map<unknown, unknown>([
      [double, "d"],
      ["d", double],
    ]),
    set: new Set([double]),
  };
  const copy = await cross(value);
  equal(copy.double(4), 8);
  equal(copy.list[0], copy.double);
  equal(copy.map.get(copy.double), "d");
  ok(copy.set.has(copy.double));
});

test("packFunction() names the captured variable that cannot cross", () => {
  const state = { deep: { weak: new WeakMap() } };
  const error = refusalOf(() => packer.packFunction(() => state.deep.weak));
  equal(error.path, "state.deep.weak");
  const outer = (): number => (state as never as number) + 1;
  equal(refusal([{ outer }]).path, "state.deep.weak");
});

test("packFunction() refuses captured variables above maxCaptureSize, by name", () => {
  const small = createPacker({ ...boundary, maxCaptureSize: 1000 });
  const table = new Float64Array(1000);
  const text = "x".repeat(2000);
  const rows = Array.from({ length: 300 }, (_, index) => [index]);
  for (const [fn, name] of [
    [() => table[0], "table"],
    [() => text.length, "text"],
    [() => rows.map((row) => row[0]), "rows"],
  ] as const) {
    const error = refusalOf(() => small.packFunction(fn));
    equal(error.path, name);
    ok(error.message.includes("1000 bytes"), error.message);
  }
  small.pack([table, text, rows], "args");
});

test("packFunction() sends only the properties of an object that are read", async () => {
  const config = { url: "u", huge: new Uint8Array(2 << 20), socket: new WeakMap() };
  equal((await crossFunction(() => config.url))(), "u");
});

test("packFunction() packs a constant function once", () => {
  const limit = 5;
  const isSmall = (x: number): boolean => x < limit;
  equal(packer.packFunction(isSmall), packer.packFunction(isSmall));
  equal(packer.packFunction(isSmall).constant, false);
  equal(packer.packFunction((x: number) => x + 1).constant, true);
  const state = { limit: 5 };
  equal(packer.packFunction(() => state.limit).constant, false);
});

test("packFunction() gives functions of one place in the source one key", () => {
  const make =
    (n: number): (() => number) =>
    () =>
      n;
  equal(packer.packFunction(make(1)).key, packer.packFunction(make(2)).key);
});

test("an instance that comes back is of the caller's own class", async () => {
  class Local {
    n = 1;
  }
  const there = await cross([new Local()] as const);
  ok(there[0] instanceof Local);
});

test("builtin modules inside captured objects cross by name", async () => {
  const tools = { modules: { fs: builtinFs } };
  const copy = await crossFunction(() => tools.modules.fs);
  equal(copy(), builtinFs);
});
