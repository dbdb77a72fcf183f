import assert from "node:assert/strict";
import { test } from "node:test";
import type { WireOutcome } from "#dure/protocol/messages.js";
import { NOTE_SIZE } from "#dure/transport/claims.js";
import { decodeNote, OutcomeNotes } from "#dure/transport/outcome-notes.js";

const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  NaN,
  1.5,
  -Infinity,
  "",
  "두레",
  10n,
  [1, "two", null],
  { a: { b: [] } },
  new Map([[1, new Date(0)]]),
  /x/g,
];

for (const value of VALUES) {
  test(`a note holds ${JSON.stringify(typeof value === "bigint" ? String(value) : value)} as it is`, () => {
    for (const [ok, coded] of [
      [true, false],
      [true, true],
      [false, true],
    ] as const) {
      const outcome: WireOutcome = [2 ** 40 + 1, ok, value, coded, 0.125];
      const note = new OutcomeNotes().encode(outcome);
      assert.ok(note !== undefined && note.byteLength <= NOTE_SIZE);
      // As it lies in a file: anywhere.
      const shifted = new Uint8Array(note.byteLength + 3);
      shifted.set(note, 3);
      assert.deepEqual(decodeNote(shifted.subarray(3)), outcome);
    }
  });
}

test("what is too large for a note, or cannot be bytes, has none, and what is small has one again", () => {
  const notes = new OutcomeNotes();
  for (const value of ["x".repeat(1_000), "두".repeat(200), new Array(500).fill(1), new SharedArrayBuffer(8), () => 1])
    assert.equal(new OutcomeNotes().encode([1, true, value, false, 0]), undefined);
  assert.equal(notes.encode([1, true, "x".repeat(1_000), false, 0]), undefined);
  let tries = 0;
  while (notes.encode([1, true, /small/, false, 0]) === undefined) tries += 1;
  assert.ok(tries > 0 && tries < 100, `${tries} tries`);
  for (const value of [5, "small", { a: 1 }]) assert.ok(notes.encode([1, true, value, false, 0]) !== undefined);
});
