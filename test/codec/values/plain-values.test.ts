import { deepStrictEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { RemoteError, SerializationError } from "dure";
import { createPacker, createUnpacker } from "#dure/codec/codec.js";

const boundary = { memory: "shared", maxCaptureSize: 1 << 20 } as const;
const packer = createPacker(boundary);
const unpacker = createUnpacker();

/** What a receiver gets: packed, carried by structured clone, unpacked. */
function cross<T>(value: T, root = "args"): T {
  const { value: carried, coded, templates } = packer.pack(value, root);
  void unpacker.define(templates);
  return unpacker.unpack({ value: structuredClone(carried), coded }) as T;
}

function refusal(value: unknown): SerializationError {
  try {
    packer.pack(value, "args");
  } catch (error) {
    ok(error instanceof SerializationError, String(error));
    return error;
  }
  throw new Error("was not refused");
}

test("pack() carries primitives as they are", () => {
  for (const value of [undefined, null, true, 0, -0, Number.NaN, Infinity, "", "é\u{1F600}\uD800", 10n ** 10_000n]) {
    equal(Object.is(cross(value), value), true);
    equal(packer.pack(value, "args").coded, false);
  }
});

test("pack() leaves plain arrays and objects without marks", () => {
  for (const value of [[12, 18], [[1963309, 2265973]], { a: [{ b: "c" }] }, new Map([[1, new Set([2])]]), new Date(5), new Uint8Array(3)]) {
    equal(packer.pack(value, "args").coded, false);
    deepStrictEqual(cross(value), value);
  }
});

test("pack() marks what is no tree of items, so that nothing that is sent without a mark need be looked at twice", () => {
  const shared = { a: 1 };
  const { buffer } = new Uint8Array(8);
  const circle: unknown[] = [];
  circle.push(circle);
  const values = [
    [shared, shared],
    [[shared], { shared }],
    [new Uint8Array(buffer, 0, 4), new Uint8Array(buffer, 4)],
    circle,
    [, 1],
    Object.assign([1], { total: 1 }),
  ];
  for (const value of values) {
    equal(packer.pack([value], "args").coded, true);
    deepStrictEqual(cross([value]), [value]);
  }
  const [[one, other]] = cross([[shared, shared]]) as [[object, object]];
  equal(one, other);
});

test("pack() takes the values of now", () => {
  const value = { list: [1], map: new Map([["a", 1]]), date: new Date(0), bytes: new Uint8Array([1]) };
  const packed = packer.pack(value, "args");
  value.list.push(2);
  value.map.set("b", 2);
  value.date.setTime(9);
  value.bytes[0] = 9;
  deepStrictEqual(structuredClone(packed.value), { list: [1], map: new Map([["a", 1]]), date: new Date(0), bytes: new Uint8Array([1]) });
});

test("pack() keeps holes, named properties of arrays and an own __proto__", () => {
  const sparse = [1];
  sparse[2] = 3;
  sparse[1e9] = 4;
  deepStrictEqual(cross([sparse])[0], sparse);
  const sparseObjects = [{ n: 1 }];
  sparseObjects[1e9] = { n: 2 };
  deepStrictEqual(cross([sparseObjects])[0], sparseObjects);
  deepStrictEqual(cross([/b/.exec("abc")])[0], /b/.exec("abc"));
  const long = Object.assign(
    Array.from({ length: 100 }, (_, index) => index),
    { total: 4950 },
  );
  deepStrictEqual(cross([long])[0], long);
  const odd = JSON.parse('{"__proto__": {"a": 1}}') as object;
  deepStrictEqual(Object.keys(cross(odd)), ["__proto__"]);
  const made = Object.defineProperty({}, "__proto__", { value: new URL("https://a.example"), enumerable: true });
  deepStrictEqual(Object.keys(cross([made])[0]!), ["__proto__"]);
});

test("pack() keeps shared and circular references", () => {
  const shared = { n: 1 };
  const value: Record<string, unknown> = { a: shared, b: [shared], map: new Map([[shared, shared]]) };
  value["self"] = value;
  const copy = cross(value) as { a: object; b: object[]; self: object; map: Map<object, object> };
  equal(copy.a, copy.b[0]);
  equal(copy.map.get(copy.a), copy.a);
  equal(copy.self, copy);
});

test("pack() carries symbols that every thread has, and refuses others by path", () => {
  const value = { tag: Symbol.for("dure.test"), [Symbol.for("key")]: Symbol.iterator, list: new Map([[Symbol.for("m"), new Set([Symbol.asyncIterator])]]) };
  deepStrictEqual(cross(value), value);
  equal(refusal([{ a: new Map([["k", Symbol("mine")]]) }]).path, 'args[0].a.get("k")');
  const iterable = {
    *[Symbol.iterator](): Generator<number> {
      yield* [1, 2];
    },
    [Symbol("mine")]: 1,
  };
  deepStrictEqual([...cross(iterable)], [1, 2]);
  equal(refusal([{ [Symbol.iterator]: new WeakSet() }]).path, "args[0][Symbol.iterator]");
  const throwing = {
    get [Symbol.for("key")](): number {
      throw new RangeError("mine");
    },
  };
  equal(refusal([throwing]).path, 'args[0][Symbol.for("key")]');
});

test("pack() carries 100,000 levels of nesting", () => {
  let value: unknown[] = [];
  for (let level = 0; level < 100_000; level += 1) value = [value, level];
  let copy = cross(value);
  for (let level = 99_999; level >= 0; level -= 1) {
    if (copy[1] !== level) equal(copy[1], level);
    copy = copy[0] as unknown[];
  }
  deepStrictEqual(copy, []);
});

test("pack() copies a Buffer of a pool without the pool", () => {
  const copy = cross([Buffer.from("abc")])[0] as Buffer;
  ok(Buffer.isBuffer(copy));
  equal(copy.toString(), "abc");
  equal(copy.buffer.byteLength, 3);
});

test("pack() keeps two views on one buffer", () => {
  const buffer = new ArrayBuffer(16);
  const [bytes, words, view] = cross([new Uint8Array(buffer, 4, 4), new Uint32Array(buffer), new DataView(buffer, 8)] as const);
  equal(bytes.buffer, words.buffer);
  bytes[0] = 7;
  equal(words[1], 7);
  equal(view.byteOffset, 8);
});

test("pack() moves the buffers listed in transfer at once", () => {
  const buffer = new ArrayBuffer(8);
  const packed = packer.pack([new Uint8Array(buffer)], "args", [buffer]);
  equal(buffer.byteLength, 0);
  equal((packed.value as Uint8Array[])[0]?.byteLength, 8);
  equal(packed.transfer.length, 1);
});

test("pack() moves nothing if something cannot cross", () => {
  const buffer = new ArrayBuffer(8);
  throws(() => packer.pack([buffer, new WeakMap()], "args", [buffer]), { path: "args[1]" });
  throws(() => packer.pack([1], "args", [buffer]), { path: "transfer[0]" });
  equal(buffer.byteLength, 8);
});

test("pack() refuses what cannot cross, with its path and what to do", () => {
  deepStrictEqual(
    [Promise.resolve(), new WeakSet(), new Proxy({}, {}), [].values(), new Map().keys()].map((value) => refusal([{ users: [value] }]).path),
    Array.from({ length: 5 }, () => "args[0].users[0]"),
  );
  const thrower = {
    get "not an identifier"(): never {
      throw new Error("no");
    },
  };
  const error = refusal([thrower]);
  equal(error.path, 'args[0]["not an identifier"]');
  equal((error.cause as Error).message, "no");
});

test("packError() carries class, message, stack, cause, errors and own properties", () => {
  const cause = new TypeError("inner");
  const error = Object.assign(new AggregateError([new RangeError("one")], "outer", { cause }), { code: "E_X", socket: new WeakMap() });
  const packed = packer.packError(error);
  const copy = unpacker.unpack({ value: structuredClone(packed.value), coded: packed.coded }) as AggregateError & { code: string };
  ok(copy instanceof AggregateError);
  equal(copy.message, "outer");
  equal(copy.stack, error.stack);
  ok(copy.cause instanceof TypeError);
  ok(copy.errors[0] instanceof RangeError);
  deepStrictEqual(Object.keys(copy), ["code"]);
  equal(copy.code, "E_X");
  notEqual(copy, error);
});

test("packError() keeps the class and the code of an error that Node's own functions throw", () => {
  for (const call of [() => Buffer.alloc("ten" as never), () => new URL("no url"), () => Buffer.alloc(-1)]) {
    const thrown = errorOf(call);
    const copy = unpacker.unpack(packer.packError(thrown)) as typeof thrown;
    equal(Object.getPrototypeOf(copy), thrown.name === "RangeError" ? RangeError.prototype : TypeError.prototype);
    deepStrictEqual([copy.name, copy.code, copy.message], [thrown.name, thrown.code, thrown.message]);
  }
});

function errorOf(call: () => unknown): Error & { code?: string } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

test("pack() names the getter of an array or object that throws", () => {
  const list = Object.defineProperty([1, 2], 1, {
    get(): never {
      throw new Error("no");
    },
    enumerable: true,
  });
  equal(refusal([list]).path, "args[0][1]");
  equal(refusal([1, [[list]]]).path, "args[1][0][0][1]");
  const getters = Object.defineProperty([1, 2], 1, { get: () => 5, enumerable: true });
  deepStrictEqual(cross([getters]), [[1, 5]]);
});

test("pack() takes what every thread has by name", () => {
  const [math, global] = cross([Math, globalThis]);
  equal(math, Math);
  equal(global, globalThis);
});

test("packError() keeps the errors of an AggregateError that can cross, and stands in for others", () => {
  const packed = packer.packError(new AggregateError([new RangeError("one"), new WeakMap()], "several"));
  const { errors } = unpacker.unpack({ value: structuredClone(packed.value), coded: packed.coded }) as AggregateError;
  ok(errors[0] instanceof RangeError);
  ok(errors[1] instanceof RemoteError);
});

test("packError() never throws", () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const hostile = new Error("m");
  void hostile.stack;
  for (const key of ["cause", "name", "stack", "message"])
    Object.defineProperty(hostile, key, {
      get(): never {
        throw new Error("hostile");
      },
    });
  for (const thrown of [
    undefined,
    null,
    1,
    "text",
    Symbol("s"),
    revoked.proxy,
    hostile,
    new WeakMap(),
    {
      get a(): never {
        throw new Error("a");
      },
    },
  ]) {
    const packed = packer.packError(thrown);
    unpacker.unpack({ value: structuredClone(packed.value), coded: packed.coded });
  }
});
