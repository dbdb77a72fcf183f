import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, inBytes, inSeconds, inTimes } from "#dure/measure/quantities.js";

test("inSeconds() takes the unit that fits and three digits", () => {
  const expected: [number, string][] = [
    [12.3456, "12.3 s"],
    [1, "1 s"],
    [0.0861, "86.1 ms"],
    [3.14e-6, "3.14 µs"],
    [5e-9, "5 ns"],
    [0, "under 1 ns"],
    [1234, "1,234 s"],
  ];
  for (const [seconds, text] of expected) assert.equal(inSeconds(seconds), text);
});

test("inBytes() takes the unit that fits and three digits", () => {
  const expected: [number, string][] = [
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1,023 bytes"],
    [1536, "1.5 KiB"],
    [2 ** 20, "1 MiB"],
    [5 * 2 ** 30, "5 GiB"],
  ];
  for (const [bytes, text] of expected) assert.equal(inBytes(bytes), text);
});

test("counted() uses the plural for all but one", () => {
  assert.equal(counted(1, "item"), "1 item");
  assert.equal(counted(1200, "item"), "1,200 items");
});

test("inTimes() has two places below ten and three digits above", () => {
  assert.equal(inTimes(1.874), "1.87");
  assert.equal(inTimes(18.74), "18.7");
  assert.equal(inTimes(0.004), "0.00");
});
