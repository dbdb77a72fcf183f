// Functions that cross by value: what they capture, in this thread.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as path from "node:path";
import { test } from "node:test";
import { roundTrip } from "./round-trip.ts";

const CONSTANT = 7;
let changing = 1;
let count = 0;

function increment(): void {
  count++;
}

function countTwice(): number {
  increment();
  increment();
  return count;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function isEven(n: number): boolean {
  return n === 0 || isOdd(n - 1);
}

function isOdd(n: number): boolean {
  return n !== 0 && isEven(n - 1);
}

test("a lambda without variables crosses", async () => {
  const copy = await roundTrip((x: number) => x * x);
  assert.equal(copy(3), 9);
});

test("a function keeps its name", async () => {
  const square = (x: number): number => x * x;
  assert.equal((await roundTrip(square)).name, "square");
});

test("a closure takes its variables with their values now", async () => {
  const factor = 3;
  const list = [1, 2];
  const nested = { deep: { value: 4 } };
  const copy = await roundTrip((x: number) => x * factor + list.length + nested.deep.value + CONSTANT);
  assert.equal(copy(10), 30 + 2 + 4 + 7);
});

test("a module's variable is read at each crossing", async () => {
  const read = (): number => changing;
  assert.equal((await roundTrip(read))(), 1);
  changing = 2;
  assert.equal((await roundTrip(read))(), 2);
});

test("functions that share a module's variable share it at the receiver", async () => {
  const copy = await roundTrip(countTwice);
  assert.equal(copy(), 2);
  assert.equal(copy(), 4);
  assert.equal(count, 0);
});

test("a recursive function crosses", async () => {
  assert.equal((await roundTrip(gcd))(12, 18), 6);
});

test("functions that call each other cross", async () => {
  assert.equal((await roundTrip(isEven))(10), true);
});

test("builtin functions and modules cross by name", async () => {
  const { max } = Math;
  const copy = await roundTrip((x: number) => [max(x, 2), path.join("a", "b"), createHash("sha1").update("a").digest("hex").length, parseInt("12", 10)]);
  assert.deepEqual(copy(1), [2, path.join("a", "b"), 40, 12]);
});

test("async functions, generators and async generators cross", async () => {
  const start = 1;
  async function later(x: number): Promise<number> {
    return (await Promise.resolve(x)) + start;
  }
  function* counting(): Generator<number> {
    yield start;
    yield start + 1;
  }
  async function* slowly(): AsyncGenerator<number> {
    yield start;
    yield await later(start);
  }
  assert.equal(await (await roundTrip(later))(2), 3);
  assert.deepEqual([...(await roundTrip(counting))()], [1, 2]);
  const seen: number[] = [];
  for await (const item of (await roundTrip(slowly))()) seen.push(item);
  assert.deepEqual(seen, [1, 2]);
});

test("a bound function crosses with what it is bound to", async () => {
  const counter = {
    step: 2,
    add(this: { step: number }, a: number, b: number): number {
      return a + b + this.step;
    },
  };
  const copy = await roundTrip(counter.add.bind(counter, 10));
  assert.equal(copy(1), 13);
});

test("a local class crosses with fields, private fields, statics and what it extends", async () => {
  const offset = 5;
  class Base {
    readonly kind: string = "base";
    describe(): string {
      return `${this.kind} ${offset}`;
    }
  }
  class Counter extends Base {
    static made = 0;
    static #secret = 1;
    #value = offset;
    static {
      Counter.made = 10;
    }
    static create(): Counter {
      Counter.made++;
      Counter.#secret *= 2;
      return new Counter();
    }
    static secret(): number {
      return Counter.#secret;
    }
    next(): number {
      return ++this.#value;
    }
    override describe(): string {
      return `counter, ${super.describe()}`;
    }
  }
  Counter.create();
  const copy = await roundTrip(() => {
    const counter = Counter.create();
    return [counter.next(), counter.describe(), counter instanceof Base, Counter.made, Counter.secret(), Counter.name];
  });
  assert.deepEqual(copy(), [6, "counter, base 5", true, 12, 4, "Counter"]);
  assert.equal(Counter.made, 11);
});

test("functions of one call share its variables, functions of two calls do not", async () => {
  function makeCounter() {
    let n = 0;
    function add(): void {
      n++;
    }
    return (times: number): number => {
      for (let i = 0; i < times; i++) add();
      return n;
    };
  }
  const [first, second] = [makeCounter(), makeCounter()];
  const copy = await roundTrip(() => [first(3), second(1), first(0)]);
  assert.deepEqual(copy(), [3, 1, 3]);
});

test("functions that one call made share its variables where nothing but their values tells the calls apart", async () => {
  const makeCounter = (start: number): { add(): number; now(): number } => {
    let n = start;
    return { add: () => ++n, now: () => n };
  };
  const [first, second] = [makeCounter(0), makeCounter(0)];
  const copy = await roundTrip(() => [first.add(), first.add(), second.add(), first.now(), second.now()]);
  assert.deepEqual(copy(), [1, 2, 1, 2, 1]);
  const { add, now } = makeCounter(0);
  const parts = await roundTrip(() => [add(), second.add(), now(), second.now()]);
  assert.deepEqual(parts(), [1, 1, 1, 1]);
});

test("functions of one place in the source have variables of their own where nothing tells their calls apart", async () => {
  const makeCounter = (start: number): (() => number) => {
    let n = start;
    return () => ++n;
  };
  const counters = Array.from({ length: 2000 }, () => makeCounter(0));
  const copy = await roundTrip(() => counters.map((count) => count()).every((count) => count === 1));
  assert.equal(copy(), true);
});
