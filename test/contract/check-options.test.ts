import assert from "node:assert/strict";
import { test } from "node:test";
import { taskOptions } from "#dure/contract/task-option-checks.js";

function refusal(options: unknown): string {
  try {
    taskOptions.check(options as object, "Cannot submit the task");
  } catch (error) {
    return String(error);
  }
  return "accepted";
}

test("Options that are what they must be are accepted, undefined ones too", () => {
  const options = { signal: AbortSignal.abort(), timeout: 1, queueTimeout: Infinity, deadline: 0.5, retries: 2, priority: -1, transfer: [], label: "" };
  assert.equal(refusal(options), "accepted");
  assert.equal(refusal(Object.fromEntries(Object.keys(options).map((name) => [name, undefined]))), "accepted");
  assert.equal(refusal({ retries: { limit: 3, backoff: () => 5, on: () => true } }), "accepted");
  assert.equal(refusal({ retries: { limit: 3, backoff: { initial: 100, factor: 1.5, maximum: 1_000, jitter: 0 } } }), "accepted");
  assert.equal(refusal(undefined), "accepted");
});

test("Options out of range are RangeErrors, of a wrong type TypeErrors, and say the name, the range and the value", () => {
  assert.equal(refusal({ timeout: 0 }), "RangeError: Cannot submit the task: timeout must be a number of milliseconds, above 0, got 0");
  assert.equal(refusal({ deadline: NaN }), "RangeError: Cannot submit the task: deadline must be a number of milliseconds, above 0, got NaN");
  assert.equal(refusal({ timeout: "5" }), 'TypeError: Cannot submit the task: timeout must be a number of milliseconds, above 0, got "5"');
  assert.equal(refusal({ retries: -1 }), "RangeError: Cannot submit the task: retries must be a whole number, 0 or more, or Infinity, got -1");
  assert.equal(refusal({ retries: { backoff: 5 } }), "TypeError: Cannot submit the task: retries.limit must be a whole number, 0 or more, got undefined");
  assert.equal(refusal({ retries: { limit: 1, backof: 5 } }), "TypeError: Cannot submit the task: retries: unknown option backof, did you mean backoff");
  const backoff = (given: object): string => refusal({ retries: { limit: 1, backoff: given } });
  assert.equal(
    backoff({ factor: 2 }),
    "TypeError: Cannot submit the task: retries: backoff.initial must be a number of milliseconds, 0 or more, got undefined",
  );
  assert.equal(backoff({ initial: 1, jitter: 1.5 }), "RangeError: Cannot submit the task: retries: backoff: jitter must be a number, 0 to 1, got 1.5");
  assert.equal(backoff({ initial: 1, factor: 0.5 }), "RangeError: Cannot submit the task: retries: backoff: factor must be a number, 1 or more, got 0.5");
  assert.equal(refusal({ priority: Infinity }), "RangeError: Cannot submit the task: priority must be a finite number, got Infinity");
  assert.equal(refusal({ transfer: [1] }), "TypeError: Cannot submit the task: transfer[0] must be an object, got 1");
  assert.equal(refusal({ signal: {} }), "TypeError: Cannot submit the task: signal must be an AbortSignal, got an object");
  assert.equal(refusal({ label: 5n }), "TypeError: Cannot submit the task: label must be a string, got 5n");
  assert.equal(refusal(5), "TypeError: Cannot submit the task: expected an object of options, got 5");
});

test("Unknown options are TypeErrors that name the nearest known one, or all of them", () => {
  assert.equal(refusal({ timout: 5 }), "TypeError: Cannot submit the task: unknown option timout, did you mean timeout");
  assert.equal(refusal({ Retries: 5 }), "TypeError: Cannot submit the task: unknown option Retries, did you mean retries");
  assert.match(refusal({ zzzzzzzz: 5 }), /unknown option zzzzzzzz, known options are signal, timeout, /);
});
