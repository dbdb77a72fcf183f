import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { advise } from "dure";

function compute(rounds: number): number {
  let sum = 0;
  for (let round = 0; round < rounds; round += 1) sum += Math.sqrt(round);
  return sum;
}

test("advise() advises workers for many calls that compute for long, with what each rung would take", async () => {
  const advice = await advise(compute, [2_000_000, 2_000_000], { items: 100_000, maxWorkers: 2 });
  assert.ok(advice.rung === "threads" || advice.rung === "processes", advice.rung);
  assert.match(advice.reason, /^One call of compute computes for .* pay for these 100,000 items/);
  assert.deepEqual(
    advice.predictions.map(({ rung }) => rung),
    ["serial", "async", "threads", "processes"],
  );
  for (const prediction of advice.predictions) assert.ok("seconds" in prediction && prediction.seconds > 0 && prediction.startSeconds >= 0);
  assert.ok(advice.leverage.computeSecondsPerItem > 0 && advice.leverage.bytesPerItem > 0);
});

test("advise() advises the event loop for calls that wait", async () => {
  const advice = await advise((milliseconds: number) => sleep(milliseconds), [20, 20], { items: 100, rungs: ["async"] });
  assert.equal(advice.rung, "async");
  assert.deepEqual(
    advice.predictions.map(({ rung }) => rung),
    ["serial", "async"],
  );
});

test("advise() never advises another rung for a call that costs nothing", async () => {
  const advice = await advise((x: number) => x + 1, [1, 2, 3], { items: 1000 });
  assert.equal(advice.rung, "serial");
  assert.match(advice.reason, /nothing pays/);
});

test("advise() says on which rungs a function cannot run", async () => {
  const seen = new WeakSet<object>();
  const advice = await advise((x: number) => compute(x) + Number(seen.has({})), [1000], { items: 10, rungs: ["threads"] });
  const threads = advice.predictions.find(({ rung }) => rung === "threads");
  assert.ok(threads !== undefined && "error" in threads && /seen/.test(threads.error));
  assert.match(advice.reason, /It failed on threads/);
});

test("advise() rejects with what the function throws, and refuses wrong arguments", async () => {
  await assert.rejects(
    advise(() => {
      throw new RangeError("never works");
    }, [1]),
    /never works/,
  );
  await assert.rejects(advise(compute, []), /must hold one item at least/);
  await assert.rejects(advise(compute, 3 as never), TypeError);
  await assert.rejects(advise("no" as never, [1]), TypeError);
  await assert.rejects(advise(compute, [1], { itms: 3 } as never), /itms/);
  await assert.rejects(advise(compute, [1], { items: 0 }), RangeError);
});
