// Which functions cross by reference: the module and the export, and when not.

import assert from "node:assert/strict";
import defaultFs, * as fs from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { dissect } from "#dure/codec/functions/dissect.js";
import { wholeObject } from "#dure/codec/functions/whole-object.js";
import tenfold, * as fixture from "../../fixtures/functions/exports.ts";
import { roundTrip } from "./round-trip.ts";

const FIXTURE = new URL("../../fixtures/functions/exports.js", import.meta.url).href;
const COMMON_JS = new URL("../../../../test/fixtures/functions/exports.cjs", import.meta.url);

type AnyFunction = (...args: never[]) => unknown;

function crossing(fn: unknown): unknown {
  const dissected = dissect(fn as AnyFunction, "fn", "value", new Map());
  if (dissected.kind !== "whole") return dissected.kind;
  const { id, ...template } = dissected.template;
  assert.ok(id > 0);
  return template;
}

function exported(...path: string[]): object {
  return { kind: "reference", loader: "import", module: FIXTURE, path };
}

test("an exported function crosses as its module and name", () => {
  assert.deepEqual(crossing(fixture.gcd), exported("gcd"));
  assert.deepEqual(crossing(fixture.square), exported("square"));
});

test("an export crosses under the name that it is exported by", () => {
  assert.deepEqual(crossing(fixture.renamed), exported("renamed"));
  assert.deepEqual(crossing(tenfold), exported("default"));
});

test("an exported class crosses by reference, with its static methods", () => {
  assert.deepEqual(crossing(fixture.Point), exported("Point"));
  assert.deepEqual(crossing(fixture.Plain), exported("Plain"));
  assert.deepEqual(crossing(fixture.Point.double), exported("Point", "double"));
});

test("a binding that is assigned again does not cross by reference", () => {
  assert.equal(crossing(fixture.reassigned), "source");
});

test("what a call returned does not cross by reference", () => {
  assert.equal(crossing(fixture.wrapped), "source");
  assert.equal(crossing(fixture.factory(1)), "source");
});

test("a function that is not exported and a method cross by value", async () => {
  assert.equal(crossing(fixture.getHidden()), "source");
  assert.equal(crossing(fixture.methods.double), "source");
  assert.equal((await roundTrip(fixture.getHidden()))(4), 2);
  assert.equal((await roundTrip(fixture.methods.double))(4), 8);
});

test("a function of the program's own file crosses by value", () => {
  assert.equal(crossing(crossing), "source");
  assert.equal(crossing(ownExport), "source");
});

export function ownExport(): number {
  return 1;
}

test("a closure takes imported functions along by reference", async () => {
  const copy = await roundTrip((x: number) => fixture.square(x) + tenfold(1) + fixture.raise());
  assert.equal(copy(3), 9 + 10 + 1);
  assert.equal(fixture.state, 1);
});

test("an export of a data: module crosses by reference", async () => {
  const url = "data:text/javascript,export const half = (x) => x / 2";
  const module = (await import(url)) as { half: (x: number) => number };
  assert.deepEqual(crossing(module.half), { kind: "reference", loader: "import", module: url, path: ["half"] });
  assert.equal((await roundTrip(module.half))(4), 2);
});

test("an export of a module with a query crosses with that query", async () => {
  const module = (await import(`${FIXTURE}?version=2`)) as typeof fixture;
  assert.deepEqual(crossing(module.gcd), { kind: "reference", loader: "import", module: `${FIXTURE}?version=2`, path: ["gcd"] });
});

test("builtin functions cross by name", () => {
  assert.deepEqual(crossing(Math.max), { kind: "global", path: ["Math", "max"] });
  assert.deepEqual(crossing(parseInt), { kind: "global", path: ["parseInt"] });
  assert.deepEqual(crossing(Map), { kind: "global", path: ["Map"] });
  assert.deepEqual(crossing(Array.prototype.slice), { kind: "global", path: ["Array", "prototype", "slice"] });
  assert.deepEqual(crossing(console.log), { kind: "global", path: ["console", "log"] });
  assert.deepEqual(crossing(fs.readFileSync), { kind: "reference", loader: "require", module: "node:fs", path: ["readFileSync"] });
  assert.deepEqual(crossing(readFile), { kind: "reference", loader: "require", module: "node:fs/promises", path: ["readFile"] });
});

test("builtin objects and module namespaces cross by name", () => {
  const places = [Math, process, fs.promises, defaultFs].map((value) => wholeObject(value));
  assert.deepEqual(
    places.map((place) => place && [place.kind, place.path]),
    [
      ["global", ["Math"]],
      ["global", ["process"]],
      ["reference", []],
      ["reference", []],
    ],
  );
  assert.equal(wholeObject({}), undefined);
});

test("an export of a CommonJS module crosses by path and name", async () => {
  const module = createRequire(import.meta.url)(COMMON_JS.pathname) as Record<string, (...args: unknown[]) => unknown>;
  assert.deepEqual(crossing(module["gcd"]), { kind: "reference", loader: "require", module: COMMON_JS.pathname, path: ["gcd"] });
  const hidden = module["getHidden"]?.() as (x: number) => number;
  assert.equal(crossing(hidden), "source");
  assert.equal((await roundTrip(hidden))(4), 2 + 3 + 3);
  const sibling = module["getSibling"]?.() as () => (() => string) & { add: unknown };
  assert.equal((await roundTrip(sibling))()(), "sibling");
});

test("a CommonJS function by value has its file's require, exports and __filename", async () => {
  const module = createRequire(import.meta.url)(COMMON_JS.pathname) as Record<string, () => () => unknown>;
  assert.deepEqual((await roundTrip(module["getFile"]?.() as () => unknown))(), [COMMON_JS.pathname, "function", 2]);
  const counter = module["getCounter"]?.() as () => number;
  assert.equal((await roundTrip(counter))(), 1);
  assert.equal((await roundTrip(counter))(), 1);
});
