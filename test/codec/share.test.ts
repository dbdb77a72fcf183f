import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { share } from "dure";
import { createPacker, createUnpacker } from "#dure/codec/codec.js";
import type { Packed } from "#dure/codec/crossing.js";
import { isCollected } from "../garbage.ts";

const packer = createPacker({ memory: "separate", maxCaptureSize: 1000 });

function receive(packed: Packed, unpacker = createUnpacker()): unknown {
  void unpacker.define(packed.templates.map((template) => structuredClone(template)));
  return unpacker.unpack({ value: structuredClone(packed.value), coded: packed.coded });
}

test("share() gives the same value, and refuses what is no object", () => {
  const value = { a: 1 };
  equal(share(value), value);
  for (const [wrong, name] of [
    [1, "a number"],
    [undefined, "undefined"],
    [null, "null"],
    ["text", "a string"],
    [() => 1, "a function"],
  ] as const)
    throws(() => share(wrong as unknown as object), new RegExp(`TypeError: Cannot share the value as it is ${name}`));
});

test("a shared value is packed once, and each receiver makes one object of it", () => {
  class Point {
    x = 1;
  }
  const table = share({ list: [1, 2], bytes: new Uint8Array(100_000).fill(7), map: new Map([["point", new Point()]]) });
  const [first, second] = [packer.pack([table, { part: [table] }], "args"), packer.pack([table], "args")];
  equal(first.templates.at(-1), second.templates.at(-1));
  ok(JSON.stringify(first.value).length < 500);
  const unpacker = createUnpacker();
  const [one, { part }] = receive(first, unpacker) as [typeof table, { part: unknown[] }];
  const [again] = receive(second, unpacker) as [typeof table];
  deepEqual([one.list, one.bytes, one.map.get("point")], [table.list, table.bytes, table.map.get("point")]);
  deepEqual([part[0] === one, again === one, one === table], [true, true, false]);
});

test("a captured shared value may be of any size, also if only a part of it is read, and the function is packed once", () => {
  const big = share({ numbers: Float64Array.from({ length: 10_000 }, (_, index) => index), length: 5 });
  const read = (at: number): number | undefined => big.numbers[at];
  const readLength = (): number => big.length;
  const packed = packer.packFunction(read);
  equal(packer.packFunction(read), packed);
  const unpacker = createUnpacker();
  equal((receive(packed, unpacker) as typeof read)(77), 77);
  const other = packer.packFunction(readLength);
  equal(
    other.templates.at(-1),
    packed.templates.find(({ kind }) => kind === "value"),
  );
  equal((receive(other, unpacker) as typeof readLength)(), 5);
});

test("small shared values do not go the short way", () => {
  const small = share({ a: 1 });
  const list = share([1, 2]);
  equal(packer.pack([small], "args").templates.length, 1);
  equal(packer.pack([1, list], "args").templates.length, 1);
  equal(packer.pack([{ a: 1 }], "args").templates.length, 0);
});

test("a value that refers to itself, and other shared values inside of it, cross as parts of it", () => {
  const inner = share({ name: "inner" });
  const outer: { inner: object; self?: object } = share({ inner, self: undefined as unknown as object });
  outer.self = outer;
  const [received] = receive(packer.pack([outer], "args")) as [typeof outer];
  equal(received.self, received);
  deepEqual(received.inner, inner);
});

test("what cannot cross is refused by its path, each time", () => {
  const broken = share({ socket: new WeakMap() });
  for (let round = 0; round < 2; round += 1) throws(() => packer.pack([broken], "args"), /SerializationError: Cannot send args\[0\]\.socket/);
});

test("buffers of shared values are not copied before they are sent", () => {
  const bytes = new Uint8Array(100_000);
  const table = share({ bytes });
  const [template] = packer.pack([table], "args").templates;
  ok(template?.kind === "value");
  equal((template.value as typeof table).bytes.buffer, bytes.buffer);
});

test("what comes back from a worker is not shared: nobody would say when to forget it", () => {
  const results = createPacker({ memory: "separate", maxCaptureSize: 1000, sendsOnce: true });
  equal(results.pack(share({ a: 1 }), "result").templates.length, 0);
});

test("a shared value is kept by nobody but its user", async () => {
  const reference = ((): WeakRef<object> => {
    const table = share({ list: [{}] });
    packer.pack([table], "args");
    return new WeakRef(table);
  })();
  ok(await isCollected(reference));
});
