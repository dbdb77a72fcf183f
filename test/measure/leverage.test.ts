import assert from "node:assert/strict";
import { test } from "node:test";
import { serialize } from "node:v8";
import { leverageOf } from "#dure/measure/leverage.js";

test("leverageOf() divides the compute time by the items, and counts item and result as structured clone writes them", () => {
  const bytes = serialize([1, 2]).byteLength + serialize("ab").byteLength;
  assert.deepEqual(
    leverageOf(
      4,
      [
        [1, 2],
        [3, 4],
      ],
      ["ab", "cd"],
    ),
    { computeSecondsPerItem: 2, bytesPerItem: bytes },
  );
});

test("leverageOf() counts what cannot be cloned as nothing", () => {
  assert.equal(leverageOf(1, [1], [() => 1]).bytesPerItem, serialize(1).byteLength);
});
