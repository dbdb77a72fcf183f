// What does it cost to pack a value and to unpack it, beside the structured clone that carries it? Guards the hot path:
// the few numbers and texts of most tasks. Each line checks that the value came through.
//
//   npm run bench -- values [--json]

import { isDeepStrictEqual, parseArgs } from "node:util";
import { deserialize, serialize } from "node:v8";
import { createPacker, createUnpacker } from "#dure/codec/codec.js";
import { machine, median, print } from "./report.ts";

const { values: options } = parseArgs({ options: { json: { type: "boolean", default: false } } });

class Point {
  x = 1;
  y = 2;
}

const subjects: Record<string, unknown> = {
  "no arguments": [],
  "[12, 18]": [12, 18],
  "[[1963309, 2265973]]": [[1963309, 2265973]],
  '["a text of 40 characters, as in a path..."]': ["a text of 40 characters, as in a path..."],
  "an object of 6 fields": [{ id: 1, name: "n", tags: ["a", "b"], ok: true, at: 1.5, none: null }],
  "100 such objects": [Array.from({ length: 100 }, (_, id) => ({ id, name: "n", tags: ["a", "b"], ok: true, at: 1.5, none: null }))],
  "10,000 numbers": [Array.from({ length: 10_000 }, (_, index) => index)],
  "a Map of 100 texts": [new Map(Array.from({ length: 100 }, (_, index) => [index, `${index}`]))],
  "an error": [new RangeError("out of range")],
  "100 instances of a class": [Array.from({ length: 100 }, () => new Point())],
  "1 MiB of bytes": [new Uint8Array(1 << 20)],
};

const packer = createPacker({ memory: "shared", maxCaptureSize: 1 << 20 });
const rows: { subject: string; packNs: number; unpackNs: number | undefined; structuredCloneNs: number | undefined; v8Ns: number | undefined }[] = [];

for (const [subject, value] of Object.entries(subjects)) {
  const packed = packer.pack(value, "args");
  const unpacker = createUnpacker();
  await unpacker.define(packed.templates);
  if (!isDeepStrictEqual(unpacker.unpack({ ...packed, value: structuredClone(packed.value) }), value)) throw new Error(`${subject} did not come through`);
  rows.push({
    subject,
    packNs: nanoseconds(() => packer.pack(value, "args")),
    // What unpacking does to a value can be done once only, so a fresh clone is unpacked each time and its cost taken off.
    unpackNs: packed.coded
      ? nanoseconds(() => unpacker.unpack({ ...packed, value: structuredClone(packed.value) })) - nanoseconds(() => structuredClone(packed.value))
      : nanoseconds(() => unpacker.unpack(packed)),
    structuredCloneNs: nanoseconds(() => structuredClone(value)),
    v8Ns: nanoseconds(() => deserialize(serialize(value))),
  });
}

print(options.json, { machine: machine(), rows }, [
  `Nanoseconds. structuredClone and v8 lose the class of instances. ${machine()}`,
  `${"".padEnd(46)}${["pack", "unpack", "structuredClone", "v8.serialize+deserialize"].map((title) => title.padStart(18)).join("")}`,
  ...rows.map(
    (row) =>
      `${row.subject.padEnd(46)}${[row.packNs, row.unpackNs, row.structuredCloneNs, row.v8Ns].map((ns) => (ns ?? NaN).toFixed(0).padStart(18)).join("")}`,
  ),
]);

/** The middle of several rounds of about 20 ms each. */
function nanoseconds(work: () => unknown): number {
  const rounds = 9;
  let count = 1;
  while (milliseconds(work, count) < 20) count *= 2;
  return median(Array.from({ length: rounds }, () => milliseconds(work, count))) * (1e6 / count);
}

function milliseconds(work: () => unknown, count: number): number {
  const begun = performance.now();
  for (let index = 0; index < count; index += 1) work();
  return performance.now() - begun;
}
