import { equal } from "node:assert/strict";
import { test } from "node:test";
import { createByReferencePacker, createByReferenceUnpacker } from "#dure/codec/by-reference-crossing.js";

test("the crossing by reference hands over functions, values and errors as they are", () => {
  const packer = createByReferencePacker();
  const unpacker = createByReferenceUnpacker();
  const state = { socket: new WeakMap() };
  const fn = (): object => state;
  for (const value of [state, undefined, new Error("e"), Symbol("s")]) {
    equal(unpacker.unpack(packer.pack(value, "args")), value);
    equal(unpacker.unpack(packer.packError(value)), value);
  }
  const packed = packer.packFunction(fn);
  equal(unpacker.unpack(packed), fn);
  equal(packed.key, fn);
  equal(unpacker.define(packed.templates), undefined);
});
