import assert from "node:assert/strict";
import { test } from "node:test";
import { ThreadPoolExecutor } from "dure";
import { spinTimes } from "#dure/executors/pooled/spin-times.js";

const cores = (count: number) => (): number => count;
const notAsked = (): never => assert.fail("asked for the cores");

test("spinTimes() takes a number for both sides, and each side's own", () => {
  assert.deepEqual(spinTimes(0.5, 2, notAsked), { worker: 0.5, caller: 0.5 });
  assert.deepEqual(spinTimes({ worker: 1, caller: 2 }, 2, notAsked), { worker: 1, caller: 2 });
  assert.deepEqual(spinTimes({ worker: 0 }, 2, notAsked), { worker: 0, caller: 0 });
});

test("spinTimes() lets workers look by default where a core is left beside theirs and the caller's, and the caller never", () => {
  assert.deepEqual(spinTimes(undefined, 2, cores(3)), { worker: 0, caller: 0 });
  assert.deepEqual(spinTimes(undefined, 2, cores(4)), { worker: 0.05, caller: 0 });
  assert.deepEqual(spinTimes({ caller: 3 }, 2, cores(4)), { worker: 0.05, caller: 3 });
  assert.deepEqual(
    spinTimes(undefined, 2, () => {
      throw new RangeError("no number of cores");
    }),
    { worker: 0, caller: 0 },
  );
});

test("the option spin is refused for what is no time", () => {
  const refusal = (spin: unknown): string => {
    try {
      new ThreadPoolExecutor({ spin: spin as number });
    } catch (error) {
      return String(error);
    }
    return "accepted";
  };
  for (const spin of [0, 0.5, 100, {}, { worker: 1 }, { caller: 0 }, undefined]) assert.equal(refusal(spin), "accepted");
  const subject = "Cannot create the ThreadPoolExecutor";
  assert.equal(refusal(-1), `RangeError: ${subject}: spin must be a number, 0 or more, got -1`);
  assert.equal(refusal(Infinity), `RangeError: ${subject}: spin must be a number, 0 or more, got Infinity`);
  assert.equal(refusal(NaN), `RangeError: ${subject}: spin must be a number, 0 or more, got NaN`);
  assert.equal(refusal(true), `TypeError: ${subject}: spin must be a number or an object of numbers, got true`);
  assert.equal(refusal({ worker: -1 }), `RangeError: ${subject}: spin: worker must be a number, 0 or more, got -1`);
  assert.equal(refusal({ workers: 1 }), `TypeError: ${subject}: spin: unknown option workers, did you mean worker`);
});
