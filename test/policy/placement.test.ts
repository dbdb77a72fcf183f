// Which worker gets which task, and when a worker is started for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readAhead } from "#dure/policy/batching.js";
import { Story } from "./policy-story.ts";

test("PoolPolicy starts no worker before there is a task", () => {
  const story = new Story({ minWorkers: 2 });
  assert.deepEqual(story.turn(), []);
});

test("PoolPolicy starts one worker for three tasks one after another", () => {
  const story = new Story({ maxWorkers: 4 });
  assert.deepEqual(story.submitted("a"), ["startWorker 0"]);
  assert.deepEqual(story.ready(0), ["dispatch 0 a"]);
  assert.deepEqual(story.finished("a"), []);
  assert.deepEqual(story.submitted("b"), ["dispatch 0 b"]);
  assert.deepEqual(story.finished("b"), []);
  assert.deepEqual(story.submitted("c"), ["dispatch 0 c"]);
});

test("PoolPolicy starts as many workers as there are tasks, and no more than maxWorkers", () => {
  assert.deepEqual(new Story({ maxWorkers: 4 }).submitted("ab"), ["startWorker 0", "startWorker 1"]);
  assert.deepEqual(new Story({ maxWorkers: 2 }).submitted("abcdefgh"), ["startWorker 0", "startWorker 1"]);
});

test("PoolPolicy starts minWorkers with the first task", () => {
  assert.deepEqual(new Story({ maxWorkers: 4, minWorkers: 3 }).submitted("a"), ["startWorker 0", "startWorker 1", "startWorker 2"]);
});

test("PoolPolicy keeps the queue shared until a worker is ready", () => {
  const story = new Story();
  story.submitted("ab");
  assert.deepEqual(story.ready(1), ["dispatch 1 a"]);
  assert.deepEqual(story.finished("a"), ["dispatch 1 b"]);
  assert.deepEqual(story.ready(0), []);
});

test("PoolPolicy gives each idle worker one task before it gives any a second", () => {
  const story = Story.withWorkers(3, { ms: 0.01 });
  assert.deepEqual(story.submitted("abc"), ["dispatch 2 a", "dispatch 1 b", "dispatch 0 c"]);
});

test("PoolPolicy tells beforehand which idle worker gets the next task", () => {
  const story = Story.withWorkers(3);
  const places: (number | undefined)[] = [];
  for (const name of "abcd") {
    places.push(story.policy.nextPlace?.index);
    story.submit(name);
  }
  assert.deepEqual(places, [2, 1, 0, undefined]);
  assert.deepEqual(story.turn(), ["dispatch 2 a", "dispatch 1 b", "dispatch 0 c"]);
  assert.equal(story.policy.nextPlace, undefined);
});

test("PoolPolicy spreads few short tasks evenly", () => {
  const story = Story.withWorkers(2, { ms: 0.01 });
  assert.deepEqual(story.submitted("abcde"), ["dispatch 1 abc", "dispatch 0 de"]);
});

test("PoolPolicy hands over one task at a time until the function has been timed", () => {
  const story = Story.withWorkers(2);
  assert.deepEqual(story.submitted("abcde"), ["dispatch 1 a", "dispatch 0 b"]);
  assert.deepEqual(story.finished("a", { ms: 0.1 }), ["dispatch 1 cde"]);
});

test("PoolPolicy hands over two milliseconds of short tasks, one batch behind another", () => {
  const story = Story.withWorkers(1, { ms: 0.25 });
  assert.deepEqual(story.submitted("abcdefghijkl"), ["dispatch 0 abcdefgh"]);
  // Not before less than a batch is left.
  assert.deepEqual(story.finished("abc", { ms: 0.25 }), []);
  assert.deepEqual(story.finished("de", { ms: 0.25 }), ["dispatch 0 ijkl"]);
});

test("PoolPolicy hands over a task alone where workers have no claims and the function is long", () => {
  const story = Story.withWorkers(1, { ms: 5, hasClaims: false });
  assert.deepEqual(story.submitted("abc"), ["dispatch 0 a"]);
  assert.deepEqual(story.finished("a", { ms: 5 }), ["dispatch 0 b"]);
});

test("PoolPolicy hands over at most two short tasks where workers have no claims", () => {
  const story = Story.withWorkers(1, { ms: 0.1, hasClaims: false });
  assert.deepEqual(story.submitted("abcd"), ["dispatch 0 ab"]);
  assert.deepEqual(story.finished("a", { ms: 0.1 }), ["dispatch 0 c"]);
});

test("PoolPolicy carries as many tasks together as chunkSize says", () => {
  const story = Story.withWorkers(1);
  assert.deepEqual(story.submitted("abcdefg", { chunkSize: 3 }), ["dispatch 0 abcdef"]);
});

test("PoolPolicy sends one task of some milliseconds ahead, so that its worker need not wait for it, and none that takes longer", () => {
  const story = Story.withWorkers(1, { ms: 4 });
  assert.deepEqual(story.submitted("abcde"), ["dispatch 0 ab"]);
  assert.deepEqual(story.finished("a", { ms: 4 }), ["dispatch 0 c"]);
  // Two are left: with more workers, they would go to whoever is free first.
  assert.deepEqual(story.finished("b", { ms: 4 }), []);
  assert.deepEqual(story.finished("c", { ms: 4 }), ["dispatch 0 d"]);
  const long = Story.withWorkers(1, { ms: 6 });
  assert.deepEqual(long.submitted("abc"), ["dispatch 0 a"]);
  assert.deepEqual(long.finished("a", { ms: 6 }), ["dispatch 0 b"]);
});

test("PoolPolicy prefers higher priority, and the order of submission within one", () => {
  const story = Story.withWorkers(1, { ms: 10 });
  story.submitted("a");
  story.submit("bc");
  story.submit("de", { priority: 1 });
  story.submit("f", { priority: -0.5 });
  const order = ["a"];
  for (let line = story.finished("a", { ms: 10 }); line.length > 0; line = story.finished(order.at(-1) as string, { ms: 10 }))
    order.push(line[0]?.at(-1) as string);
  assert.equal(order.join(""), "adebcf");
});

test("PoolPolicy takes half of what a loaded worker has not started for an idle one", () => {
  const story = Story.withWorkers(2, { ms: 0.2 });
  assert.deepEqual(story.submitted("abcdefgh"), ["dispatch 1 abcd", "dispatch 0 efgh"]);
  assert.deepEqual(story.finished("abcd", { ms: 0.2 }), ["takeBack 0 2"]);
  assert.deepEqual(story.takenBack(0, "hg"), ["dispatch 1 gh"]);
});

test("PoolPolicy gives what waits behind a long task to others", () => {
  // 1. All are known to be short. 2. The first takes long. 3. The other worker is done with its own.
  const story = Story.withWorkers(2, { ms: 0.05 });
  assert.deepEqual(story.submitted("abcdef"), ["dispatch 1 abc", "dispatch 0 def"]);
  story.finished("def", { ms: 0.05 });
  assert.deepEqual(story.passed(10), ["takeBack 1 2"]);
  assert.deepEqual(story.takenBack(1, "cb"), ["dispatch 0 bc"]);
});

test("PoolPolicy hears of what ended before a long task, and gives its worker nothing more", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  assert.deepEqual(story.submitted("abcdef"), ["dispatch 0 abcdef"]);
  story.passed(10);
  assert.deepEqual(story.noted(0, "ab", { ms: 0.05 }), []);
  assert.equal(story.task("b").place, "ended");
  assert.equal(story.task("c").hasStarted, true);
  assert.deepEqual(story.submitted("g"), []);
  assert.deepEqual(story.finished("c", { ms: 0.05 }), ["dispatch 0 g"]);
});

test("PoolPolicy asks for notes only where a worker has more than the task that it runs, and has claims", () => {
  const asked = (names: string, hasClaims: boolean): string[] => {
    const story = new Story({ maxWorkers: 1 }, ["hold", "timer", "running"]);
    story.submitted("A");
    story.ready(0, hasClaims);
    story.finished("A", { ms: 0.05 });
    story.submitted(names);
    return story.passed(10);
  };
  assert.deepEqual(asked("ab", true), ["readNotes 0"]);
  assert.deepEqual(asked("a", true), []);
  assert.deepEqual(asked("ab", false), []);
});

test("PoolPolicy takes back what waits in a worker for what is more urgent", () => {
  const story = Story.withWorkers(1, { ms: 0.25 });
  assert.deepEqual(story.submitted("abcdefghijkl"), ["dispatch 0 abcdefgh"]);
  assert.deepEqual(story.submitted("x", { priority: 1 }), ["takeBack 0 7"]);
  assert.deepEqual(story.takenBack(0, "hgfedcb"), []);
  assert.deepEqual(story.finished("a", { ms: 0.25 }), ["dispatch 0 xbcdefgh"]);
});

/** Names of so many tasks. */
function many(count: number): string {
  return Array.from({ length: count }, (_, index) => String.fromCharCode(0x100 + index)).join("");
}

test("PoolPolicy makes larger batches of tasks of a millisecond while very many wait, and small ones of the last", () => {
  const story = Story.withWorkers(1, { ms: 1 });
  const sizes: number[] = [];
  let lines = story.submitted(many(400));
  for (let handed = ""; lines.length > 0 || handed.length > 0; handed = handed.slice(1)) {
    for (const line of lines) {
      const names = line.slice("dispatch 0 ".length);
      sizes.push(names.length);
      handed += names;
    }
    lines = story.finished(handed[0] as string, { ms: 1 });
  }
  assert.deepEqual(sizes.slice(0, 2), [16, 8]);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    400,
  );
  assert.equal(Math.max(...sizes.slice(-20)), 1);
});

test("PoolPolicy makes no larger batches of a function that took long lately, or of tiny tasks", () => {
  const odd = Story.withWorkers(1, { ms: 1 });
  odd.submitted("a");
  odd.finished("a", { ms: 20 });
  for (let n = 0; n < 20; n += 1) {
    odd.submitted("a");
    odd.finished("a", { ms: 1 });
  }
  assert.equal((odd.submitted(many(400))[0] as string).length, "dispatch 0 ".length + 2);
  const tiny = Story.withWorkers(1, { ms: 0.05 });
  // Two milliseconds.
  assert.ok((tiny.submitted(many(4000))[0] as string).length <= "dispatch 0 ".length + 40);
});

test("PoolPolicy starts a worker for what waits behind a long task", () => {
  const story = Story.withWorkers(1, { ms: 0.05, settings: { maxWorkers: 2 } });
  assert.deepEqual(story.submitted("abc"), ["dispatch 0 abc"]);
  assert.deepEqual(story.passed(10), ["takeBack 0 2"]);
  assert.deepEqual(story.takenBack(0, "cb"), ["startWorker 1"]);
  assert.deepEqual(story.ready(1), ["dispatch 1 bc"]);
});

test("PoolPolicy takes nothing back while all others overrun too", () => {
  const story = Story.withWorkers(2, { ms: 0.05 });
  story.submitted("abcd");
  assert.deepEqual(story.passed(10), []);
  assert.deepEqual(story.finished("ab", { ms: 10 }), ["takeBack 0 1"]);
});

test("PoolPolicy gives an overrunning worker nothing more until it reports", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("a");
  story.passed(10);
  assert.deepEqual(story.submitted("b"), []);
  assert.deepEqual(story.finished("a", { ms: 10 }), ["dispatch 0 b"]);
});

test("PoolPolicy starts a worker when a task waits for one that turns out to be long, whichever was submitted first", () => {
  // Too little for a worker of its own, if the one before ends as expected.
  const story = Story.withWorkers(1, { ms: 2, settings: { maxWorkers: 2 } });
  assert.deepEqual(story.submitted("a"), ["dispatch 0 a"]);
  assert.deepEqual(story.submitted("b"), []);
  assert.deepEqual(story.passed(10), ["startWorker 1"]);
  const late = Story.withWorkers(1, { ms: 2, settings: { maxWorkers: 2 } });
  late.submitted("a");
  late.passed(10);
  assert.deepEqual(late.submitted("b"), ["startWorker 1"]);
});

test("PoolPolicy gives a worker that has come to its last task another one, however long ago, while its outcomes cannot be heard", () => {
  const story = Story.withWorkers(1, { ms: 0.05 });
  story.submitted("a");
  // The caller's code goes on: no timer rings.
  story.now += 10;
  story.submit("b");
  assert.deepEqual(story.tell({ type: "turnEnded", goesOn: true, atLast: [story.worker(0)] }), ["dispatch 0 b"]);
});

test("PoolPolicy does not start a worker for what the present ones will have done sooner", () => {
  const story = Story.withWorkers(1, { ms: 0.01, settings: { maxWorkers: 2, slots: 2 } });
  assert.deepEqual(story.submitted("abcdef"), ["dispatch 0 ab"]);
  // Unless they turn out to take long.
  assert.deepEqual(story.passed(10), ["takeBack 0 1", "startWorker 1"]);
});

test("readAhead() keeps every worker busy, fills batches of short tasks, and is bounded for a pool that is not", () => {
  const { state } = new Story({ maxWorkers: 4 }).policy;
  assert.equal(readAhead(state, undefined), 8);
  assert.equal(readAhead(state, 100), 8);
  assert.equal(readAhead(state, 0.5), 32);
  assert.equal(readAhead(state, 0), 2 * 256 * 4);
  assert.equal(readAhead(new Story({ maxWorkers: Infinity }).policy.state, undefined), 10_000);
});

test("PoolPolicy counts only those tasks against maxQueue that must wait", () => {
  const story = new Story({ maxWorkers: 2, maxQueue: 1 });
  for (const name of "abc") {
    assert.equal(story.policy.admission, "admitted");
    story.submit(name);
  }
  assert.equal(story.policy.admission, "full");
});
