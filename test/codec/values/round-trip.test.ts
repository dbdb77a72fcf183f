// Any graph of any values comes through unchanged, over every carrier, in the first pack and when it is packed again.

import { equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createPacker, createUnpacker } from "#dure/codec/codec.js";
import type { Packed } from "#dure/codec/crossing.js";
import { encodeMessage, MessageDecoder, PREFIX_SIZE } from "#dure/codec/wire-bytes.js";
import { columnsOfOutcomes, outcomesOf } from "#dure/protocol/columns.js";
import type { FinishedMessage } from "#dure/protocol/messages.js";
import { decodeCompact, encodeCompact } from "#dure/transport/compact-frames.js";
import { FINISHED_FRAMES } from "#dure/transport/ring-frames.js";
import { assertSameGraph } from "./same-graph.ts";

class Point {
  x = 1;
  y: unknown = 2;
}
class Registry extends Map<unknown, unknown> {
  label = "registry";
}
class Stack extends Array<unknown> {}
class Failure extends RangeError {
  extra: unknown = 1;
}

/** A node of the graph: what makes it, and how others are put into it. */
interface Node {
  readonly value: unknown;
  readonly link: (child: unknown) => void;
}

type MakeNode = () => Node;

function leaf(value: unknown): Node {
  return { value, link: () => {} };
}

const objectKey = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("__proto__", "constructor", "toString", "0", "length", "type", "value", "coded"));
const symbolKey = fc.constantFrom(Symbol.for("dure.test.a"), Symbol.for("dure.test.b"));

function object(value: object, keys: readonly (string | symbol)[]): Node {
  let next = 0;
  return {
    value,
    link: (child) => {
      const key = keys[next++] ?? `key${next}`;
      Object.defineProperty(value, key, { value: child, enumerable: true, configurable: true, writable: true });
    },
  };
}

function list(value: unknown[], holes: number): Node {
  return {
    value,
    link: (child) => {
      value[value.length + holes] = child;
    },
  };
}

function map(value: Map<unknown, unknown>): Node {
  let key: [unknown] | undefined;
  return {
    value,
    link: (child) => {
      if (key === undefined) key = [child];
      else {
        value.set(key[0], child);
        key = undefined;
      }
    },
  };
}

function error(value: Error): Node {
  return { value, link: (child) => void Object.defineProperty(value, "cause", { value: child, configurable: true, writable: true }) };
}

/** A function that returns what it captured. */
function closure(): Node {
  let captured: unknown;
  return {
    value: () => captured,
    link: (child) => {
      captured = child;
    },
  };
}

const bytes = fc.uint8Array({ minLength: 16, maxLength: 40 });

/** Each run makes new objects: fast-check may use a value twice. */
const leafNode: fc.Arbitrary<MakeNode> = fc.oneof(
  fc
    .oneof(
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.bigInt(),
      fc.constantFrom(undefined, null, -0, NaN, Infinity, 10n ** 300n, Symbol.for("dure.test"), Symbol.iterator, "\uD800", "put", "function"),
    )
    .map((value) => () => leaf(value)),
  fc.date({ noInvalidDate: false }).map((date) => () => leaf(new Date(date))),
  fc.tuple(fc.constantFrom("a+", "\\/", "[^]"), fc.constantFrom("", "g", "giu", "sy"), fc.nat(3)).map(
    ([source, flags, lastIndex]) =>
      () =>
        leaf(Object.assign(new RegExp(source, flags), { lastIndex })),
  ),
  fc.webUrl().map((url) => () => leaf(new URL(url))),
  fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.bigInt()).map((value) => () => leaf(Object(value))),
  bytes.map((array) => () => leaf(Buffer.from(array))),
  fc
    .tuple(
      bytes,
      fc.constantFrom(
        Int8Array,
        Uint8Array,
        Uint8ClampedArray,
        Int16Array,
        Uint16Array,
        Int32Array,
        Uint32Array,
        Float32Array,
        Float64Array,
        BigInt64Array,
        BigUint64Array,
        DataView,
      ),
      fc.nat(1),
    )
    .map(
      ([array, View, offset]) =>
        () =>
          leaf(new (View as Uint8ArrayConstructor)(array.slice().buffer as ArrayBuffer, 8 * offset, 1)),
    ),
);

const containerNode: fc.Arbitrary<MakeNode> = fc.oneof(
  fc.array(fc.oneof({ weight: 6, arbitrary: objectKey }, symbolKey), { maxLength: 4 }).map((keys) => () => object({}, keys)),
  fc.constant(() => object(Object.create(null) as object, ["__proto__"])),
  fc.nat(2).map((holes) => () => list([], holes)),
  fc.constant(() => list([], 0)),
  fc.constant(() => map(new Map())),
  fc.constant(() => {
    const value = new Set();
    return { value, link: (child: unknown) => void value.add(child) };
  }),
  fc.constant(() => object(new Point(), ["y", "x"])),
  fc.constant(() => map(new Registry())),
  fc.constant(() => list(new Stack(), 0)),
  fc.string().map((message) => () => error(new TypeError(message))),
  fc.string().map((message) => () => object(new Failure(message), ["extra"])),
  fc.constant(closure),
  // Two views on one buffer, and the buffer itself.
  bytes.map((array) => () => {
    const { buffer } = array.slice();
    return object({ one: new Uint8Array(buffer, 2, 3), two: new DataView(buffer), buffer }, []);
  }),
);

/** Nodes, and edges between any of them: shared and circular as it comes. The first node is the root. */
const graph = fc
  .tuple(
    containerNode,
    fc.array(fc.oneof({ weight: 2, arbitrary: leafNode }, containerNode), { maxLength: 12 }),
    fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { maxLength: 24 }),
  )
  .map(([root, others, edges]) =>
    build(
      [root, ...others].map((make) => make()),
      edges,
    ),
  );

function build(nodes: readonly Node[], edges: readonly (readonly [number, number])[]): unknown {
  // Each node hangs somewhere, so that few are left out.
  for (const [index, node] of nodes.entries()) if (index > 0) nodes[(index * 7) % index]?.link(node.value);
  for (const [from, to] of edges) nodes[from % nodes.length]?.link(nodes[to % nodes.length]?.value);
  return nodes[0]?.value;
}

const carriers: Record<string, { readonly memory: "shared" | "separate"; readonly carry: (packed: Packed) => unknown }> = {
  "structured clone": { memory: "shared", carry: ({ value, transfer }) => structuredClone(value, { transfer: transfer as ArrayBuffer[] }) },
  bytes: { memory: "separate", carry: ({ value, transfer }) => overBytes(value, transfer) },
  frames: { memory: "separate", carry: (packed) => overFrames(packed) },
};

/** As an outcome: those that are more than data go another way. */
function overFrames({ value, coded, transfer }: Packed): unknown {
  const message: FinishedMessage = { type: "finished", outcomes: columnsOfOutcomes([[1, true, value, coded, 1]]) };
  const frame = transfer.length === 0 ? encodeCompact(FINISHED_FRAMES, message) : undefined;
  if (frame === undefined) return overBytes(value, transfer);
  const read = decodeCompact(FINISHED_FRAMES, frame.slice(PREFIX_SIZE)) as FinishedMessage;
  return outcomesOf(read.outcomes)[0]?.[2];
}

function overBytes(value: unknown, outOfBand: readonly object[]): unknown {
  let message: unknown;
  const decoder = new MessageDecoder({
    message: (decoded: unknown) => (message = decoded),
    messageError: (reason) => {
      throw reason;
    },
  });
  for (const chunk of encodeMessage({ value }, outOfBand)) decoder.push(chunk);
  return (message as { value: unknown }).value;
}

for (const [name, { memory, carry }] of Object.entries(carriers)) {
  const packer = createPacker({ memory, maxCaptureSize: 1 << 20, sendsOnce: true });

  async function receive(packed: Packed): Promise<unknown> {
    const unpacker = createUnpacker();
    await unpacker.define(packed.templates);
    return unpacker.unpack({ value: carry(packed), coded: packed.coded });
  }

  test(`pack() and unpack() keep any graph of values, over ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (value) => {
        const packed = packer.pack([value], "result");
        const [copy] = (await receive(packed)) as [unknown];
        assertSameGraph(copy, value);
        const [again] = (await receive(packer.pack([copy], "result"))) as [unknown];
        assertSameGraph(again, value);
      }),
      { numRuns: 250 },
    );
  });

  test(`pack() gives a copy that later changes do not reach, over ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withSparseArray: true, withObjectString: true }),
        ),
        async (value) => {
          const expected = structuredClone(value);
          // The list of arguments itself is given away.
          const packed = [packer.pack([...value], "args"), packer.pack(value, "result")];
          for (const item of value) if (typeof item === "object" && item !== null && Object.isExtensible(item)) Reflect.set(item, "added", 1);
          value.length = 0;
          // Not deepStrictEqual(), for which two invalid dates differ on Node 20.
          for (const one of packed) assertSameGraph(await receive(one), expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  test(`packError() keeps what is thrown, over ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (value) => assertSameGraph(await receive(packer.packError(value)), value)),
      { numRuns: 100 },
    );
  });

  test(`pack() carries a BigInt of 10,000 digits and a buffer of several writes, over ${name}`, async () => {
    const large = new Uint8Array(3_000_000).fill(7);
    const [digits, copy] = (await receive(packer.pack([10n ** 9_999n + 1n, large], "result"))) as [bigint, Uint8Array];
    equal(digits, 10n ** 9_999n + 1n);
    equal(Buffer.compare(copy, large), 0);
  });
}
