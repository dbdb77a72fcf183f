// Which exports are told by their text alone, and which are left to the parser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { plainExport } from "#dure/codec/functions/plain-export.js";

/** Asked for the place that `|` marks, which is not in the source. */
function told(marked: string): string | undefined {
  return plainExport(marked.replace("|", ""), marked.indexOf("|"));
}

test("a declaration and a constant at the beginning of a line are told", () => {
  assert.equal(told("export function gcd|(a, b) { return b === 0 ? a : gcd(b, a % b); }"), "gcd");
  assert.equal(told("const one = 1;\nexport async function $get_1 |(url) {}"), "$get_1");
  assert.equal(told("export function* all|() {}"), "all");
  assert.equal(told("'use strict';\nexport const square = |(x) => x * x; square.name;"), "square");
});

test("a declared name that might be assigned is not", () => {
  for (const more of ["f = 1", "f++", "({ f } = {})", "export { f as g }", "// f\n", "\\u0066 = 1"]) {
    assert.equal(told(`export function f|() {}\n${more}`), undefined, more);
  }
});

test("what is no export, or not the whole of one, is not", () => {
  assert.equal(told("function f|() {}"), undefined);
  assert.equal(told("export let f = |() => {};"), undefined);
  assert.equal(told("export const f = once(|() => {});"), undefined);
  assert.equal(told("export const f = 1, g = |() => {};"), undefined);
  assert.equal(told("export default function f|() {}"), undefined);
  assert.equal(told("/* export */ function f|() {}"), undefined);
  assert.equal(told("// export\nfunction f|() {}"), undefined);
});
