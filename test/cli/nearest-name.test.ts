import assert from "node:assert/strict";
import { test } from "node:test";
import { mistakesBetween, nearestName } from "#dure/cli/nearest-name.js";

test("mistakesBetween() counts letters added, left out, changed and swapped", () => {
  const expected: [string, string, number][] = [
    ["gcd", "gcd", 0],
    ["gcd", "gcdd", 1],
    ["gcd", "gd", 1],
    ["gcd", "gxd", 1],
    ["gcd", "gdc", 1],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
  ];
  for (const [a, b, mistakes] of expected) assert.equal(mistakesBetween(a, b), mistakes, `${a} ${b}`);
});

test("nearestName() finds what was mistyped and nothing that is far from it", () => {
  assert.equal(nearestName("thread", ["serial", "async", "threads", "processes"]), "threads");
  assert.equal(nearestName("GDC", ["lcm", "gcd"]), "gcd");
  assert.equal(nearestName("ray", ["serial", "async", "threads", "processes"]), undefined);
});
