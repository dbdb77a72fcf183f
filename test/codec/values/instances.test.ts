import { deepStrictEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { EventEmitter } from "node:events";
import { statSync } from "node:fs";
import { Socket } from "node:net";
import { test } from "node:test";
import { registerReducer } from "#dure/codec/reducers.js";
import { cross, refusal } from "./crossing-of-values.ts";

class Point {
  x: number;
  y: number;
  static origin: Point;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  length(): number {
    return Math.hypot(this.x, this.y);
  }
}
class Point3 extends Point {
  z = 1;
  override length(): number {
    return Math.hypot(super.length(), this.z);
  }
}
class Secret {
  #value = 1;
  get value(): number {
    return this.#value;
  }
}
class Money {
  #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

test("pack() keeps the class of instances, that of a subclass too", async () => {
  const [point, deep] = await cross([new Point(3, 4), { deep: [new Point3(2, 2)] }] as const);
  ok(point instanceof Point);
  equal(point.length(), 5);
  ok(deep.deep[0] instanceof Point3);
  equal(deep.deep[0]?.length(), 3);
});

test("pack() keeps instances that refer to each other", async () => {
  const node = Object.assign(new Point(1, 1), { self: undefined as unknown, map: new Map<unknown, unknown>() });
  node.self = node;
  node.map.set(node, [node]);
  const [copy] = await cross([node] as const);
  equal(copy.self, copy);
  deepStrictEqual([...copy.map.entries()], [[copy, [copy]]]);
  notEqual(copy, node);
});

test("pack() keeps subclasses of built-in classes", async () => {
  class Registry extends Map<string, number> {
    label = "r";
    total(): number {
      return [...this.values()].reduce((sum, value) => sum + value, 0);
    }
  }
  class Stack extends Array<number> {
    top(): number | undefined {
      return this.at(-1);
    }
  }
  class Bytes extends Uint8Array {
    first(): number | undefined {
      return this[0];
    }
  }
  class Moment extends Date {}
  class Names extends Set<string> {}
  const value = [
    new Registry([
      ["a", 1],
      ["b", 2],
    ]),
    Stack.from([1, 2]),
    new Bytes([7, 8]),
    new Moment(5),
    new Names(["n"]),
  ] as const;
  const copies = await cross(value);
  deepStrictEqual(copies, value);
  equal(copies[0].total(), 3);
  equal((copies[1] as Stack).top(), 2);
  equal(copies[2].first(), 7);
});

test("pack() keeps null prototypes and objects that inherit from objects", async () => {
  const base = { kind: "base" };
  const [bare, derived] = await cross([
    Object.assign(Object.create(null) as object, { a: 1 }),
    Object.create(base, { own: { value: 1, enumerable: true } }) as { kind: string; own: number },
  ] as const);
  equal(Object.getPrototypeOf(bare), null);
  equal(derived.kind, "base");
  equal(derived.own, 1);
});

test("pack() refuses instances with #private fields, and says what to do", () => {
  const error = refusal([{ wallet: new Secret() }]);
  equal(error.path, "args[0].wallet");
  ok(error.message.includes("registerReducer(Secret"));
  class Named extends Map {
    #hidden = 1;
    read(): number {
      return this.#hidden;
    }
  }
  equal(refusal([new Named()]).path, "args[0]");
});

test("registerReducer() throws for what is no class or no reducer", () => {
  throws(() => registerReducer(5 as never, { reduce: () => 1, revive: () => ({}) }), TypeError);
  throws(() => registerReducer(Money, { reduce: () => 1 } as never), /`revive` is not a function/);
});

test("pack() takes a class for one with #private fields only if its instances have some", async () => {
  class Commented {
    // #hash in a comment
    text = "#hash";
    static #count = 0;
    static add(): number {
      return (Commented.#count += 1);
    }
  }
  ok((await cross([new Commented()] as const))[0] instanceof Commented);
  class WithMethod {
    #hidden(): number {
      return 1;
    }
    shown(): number {
      return this.#hidden();
    }
  }
  equal(refusal([new WithMethod()]).path, "args[0]");
});

test("registerReducer() makes instances with #private fields cross", async () => {
  registerReducer(Money, { reduce: (money) => money.cents, revive: (cents) => new Money(cents) });
  const money = new Money(5);
  const [[first, second], map] = await cross([[money, money], new Map([[money, "m"]])] as const);
  ok(first instanceof Money);
  equal(first.cents, 5);
  equal(first, second);
  equal(map.get(first), "m");
});

test("pack() refuses what belongs to this thread, by name", () => {
  for (const [value, name] of [
    [new Socket(), "Socket"],
    [new AbortController().signal, "AbortSignal"],
    [new Intl.NumberFormat(), "NumberFormat"],
    [setTimeout(() => {}, 0).unref(), "Timeout"],
  ] as const) {
    const error = refusal([{ value }]);
    ok(error.path.startsWith("args[0].value"), error.path);
    ok(error.message.includes(name), error.message);
  }
  ok(/it is an AbortSignal, .*with\(\{ signal \}\)/.test(refusal([new AbortController().signal]).message));
  ok(/it is an Event, /.test(refusal([new Event("x")]).message));
});

test("pack() carries URL, URLSearchParams, boxed primitives and a RegExp's position", async () => {
  const pattern = /a/g;
  pattern.lastIndex = 3;
  const value = [
    new URL("https://a.example/b?c=d"),
    new URLSearchParams("a=1&a=2"),
    Object(1),
    Object("s"),
    Object(1n),
    Object(Symbol.iterator),
    pattern,
  ] as const;
  const copy = await cross(value);
  equal(copy[0].href, value[0].href);
  ok(copy[0] instanceof URL);
  equal(copy[1].toString(), "a=1&a=2");
  deepStrictEqual(copy.slice(2), value.slice(2));
  equal(copy[6].lastIndex, 3);
});

test("pack() carries Headers, and Temporal's objects where Node has them", async () => {
  const [headers] = await cross([
    new Headers([
      ["a", "1"],
      ["Set-Cookie", "x"],
      ["set-cookie", "y"],
    ]),
  ] as const);
  deepStrictEqual(
    [...headers],
    [
      ["a", "1"],
      ["set-cookie", "x"],
      ["set-cookie", "y"],
    ],
  );
  const { Temporal } = globalThis as { Temporal?: Record<string, { from(text: string): object }> };
  for (const [name, text] of Temporal === undefined
    ? []
    : ([
        ["PlainDate", "2024-02-29"],
        ["Duration", "PT1H"],
        ["ZonedDateTime", "2024-01-01T00:00:00+01:00[Europe/Paris]"],
      ] as const)) {
    const [copy] = await cross([Temporal![name]!.from(text)] as const);
    equal(String(copy), text);
    equal(copy.constructor, Temporal![name]);
  }
});

test("pack() carries the Stats of a file", async () => {
  const stats = statSync(".");
  const [copy] = await cross([stats] as const);
  equal(copy.isDirectory(), true);
  deepStrictEqual(copy.mtime, stats.mtime);
});

test("pack() carries an EventEmitter's fields and listeners", async () => {
  class Bus extends EventEmitter {
    topic = "t";
  }
  const bus = new Bus();
  const [copy] = await cross([bus] as const);
  ok(copy instanceof Bus);
  equal(copy.topic, "t");
});
