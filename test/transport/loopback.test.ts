import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { createLoopback } from "#dure/transport/loopback.js";

function recorded<T>(): { readonly got: T[]; message(message: T): void; messageError(): void } {
  const got: T[] = [];
  return { got, message: (message) => void got.push(message), messageError: () => {} };
}

/** Callbacks that run when the test says so. */
function manualSchedule(): { schedule(callback: () => void): void; runNext(): boolean } {
  const waiting: (() => void)[] = [];
  return {
    schedule: (callback) => void waiting.push(callback),
    runNext(): boolean {
      const next = waiting.shift();
      next?.();
      return next !== undefined;
    },
  };
}

test("createLoopback() delivers messages in order, and not within send()", async () => {
  const [left, right] = createLoopback<number, number>();
  const heard = recorded<number>();
  right.listen(heard);
  left.send(1, []);
  left.send(2, []);
  deepEqual(heard.got, []);
  await undefined;
  deepEqual(heard.got, [1, 2]);
});

test("createLoopback() delivers all that has arrived in one scheduled callback, and answers in another", () => {
  const { schedule, runNext } = manualSchedule();
  const [left, right] = createLoopback<string, string>({ schedule });
  const answers = recorded<string>();
  left.listen(answers);
  right.listen({ message: (text) => right.send(`re: ${text}`, []), messageError() {} });
  left.send("a", []);
  left.send("b", []);
  equal(runNext(), true);
  deepEqual(answers.got, []);
  equal(runNext(), true);
  deepEqual(answers.got, ["re: a", "re: b"]);
  equal(runNext(), false);
});

test("createLoopback() keeps the order when a listener asks for what has arrived", () => {
  const { schedule, runNext } = manualSchedule();
  const [left, right] = createLoopback<number, number>({ schedule });
  const got: number[] = [];
  right.listen({
    message(number) {
      got.push(number);
      if (number === 1) right.deliverArrived?.();
    },
    messageError() {},
  });
  for (const number of [1, 2, 3]) left.send(number, []);
  while (runNext());
  deepEqual(got, [1, 2, 3]);
});

test("createLoopback() delivers nothing once either end is closed", async () => {
  for (const closeLeft of [true, false]) {
    const [left, right] = createLoopback<number, number>();
    const heard = recorded<number>();
    right.listen(heard);
    left.send(1, []);
    (closeLeft ? left : right).close();
    left.send(2, []);
    await undefined;
    // What was sent before the sender closed still arrives; what arrives at a closed end is dropped.
    deepEqual(heard.got, closeLeft ? [1] : []);
  }
});

test("createLoopback() hands values over as they are, or copies them if asked", async () => {
  const value = { list: [1] };
  for (const copy of [false, true]) {
    const [left, right] = createLoopback<object, object>({ copy });
    const heard = recorded<object>();
    right.listen(heard);
    left.send(value, []);
    await undefined;
    equal(heard.got[0] === value, !copy);
    deepEqual(heard.got[0], value);
  }
});

test("createLoopback() moves what is to be moved and throws at send() for what cannot be copied", async () => {
  const [left, right] = createLoopback<{ buffer: ArrayBuffer } | { fn(): void }, never>({ copy: true });
  const heard = recorded<{ buffer: ArrayBuffer }>();
  right.listen(heard);
  const buffer = new ArrayBuffer(8);
  left.send({ buffer }, [buffer]);
  throws(() => left.send({ fn() {} }, []), { name: "DataCloneError" });
  await undefined;
  equal(buffer.byteLength, 0);
  equal(heard.got.length, 1);
  equal(heard.got[0]?.buffer.byteLength, 8);
});
