import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { encodeMessage, MessageDecoder } from "#dure/codec/wire-bytes.js";

/** Everything that a decoder makes of these bytes, handed to it in pieces of `size`. */
function decodeAll(chunks: readonly Uint8Array[], size: number): { messages: unknown[]; errors: unknown[]; decoder: MessageDecoder } {
  const messages: unknown[] = [];
  const errors: unknown[] = [];
  const decoder = new MessageDecoder({ message: (message: unknown) => messages.push(message), messageError: (error) => errors.push(error) });
  const bytes = Buffer.concat(chunks);
  for (let start = 0; start < bytes.length; start += size) decoder.push(bytes.subarray(start, start + size));
  return { messages, errors, decoder };
}

test("MessageDecoder puts messages together from pieces of any size", () => {
  const large = new Uint8Array(1000).fill(7).buffer;
  const message = {
    list: Object.assign([1], { 2: undefined }),
    map: new Map([[1n, -0]]),
    large: [new Uint16Array(large, 2, 3), large],
    empty: new ArrayBuffer(0),
  };
  const chunks = [...encodeMessage(message, [large]), ...encodeMessage("next", []), ...encodeMessage(message, [large, message.empty])];
  for (const size of [1, 3, 64, 1_000_000]) {
    const { messages, errors, decoder } = decodeAll(chunks, size);
    deepStrictEqual(errors, []);
    deepStrictEqual(messages, [message, "next", message]);
    const [view, buffer] = (messages[0] as typeof message).large as [Uint16Array, ArrayBuffer];
    equal(view.buffer, buffer);
    equal(decoder.isWithinMessage, false);
  }
});

test("encodeMessage() copies no buffer that is out of band", () => {
  const large = new ArrayBuffer(1 << 20);
  const chunks = encodeMessage([large], [large]);
  ok(chunks.some((chunk) => chunk.buffer === large));
  ok(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0) < large.byteLength + 200);
  equal(large.byteLength, 1 << 20);
});

test("encodeMessage() throws a DataCloneError for what cannot be carried", () => {
  throws(() => encodeMessage({ callback: () => 1 }, []), { message: /could not be cloned/ });
});

test("MessageDecoder says whether a message is unfinished", () => {
  const bytes = Buffer.concat(encodeMessage([1], []));
  for (let end = 1; end < bytes.length; end += 1) equal(decodeAll([bytes.subarray(0, end)], bytes.length).decoder.isWithinMessage, true);
});

test("MessageDecoder reports a damaged message, and reads the next; it never allocates what it cannot", () => {
  const prefix = new DataView(new ArrayBuffer(16));
  const body = Buffer.concat(encodeMessage(0, [])).subarray(8);
  prefix.setUint32(0, body.byteLength, true);
  prefix.setUint32(4, new DataView(Buffer.concat(encodeMessage(0, [new ArrayBuffer(1)])).buffer).getUint32(4, true), true);
  prefix.setFloat64(8, 2 ** 53, true);
  const { errors, decoder } = decodeAll([new Uint8Array(prefix.buffer), body], 4);
  deepStrictEqual(errors, []);
  equal(decoder.isWithinMessage, true);
  const damaged = Buffer.concat(encodeMessage([1], []));
  damaged.fill(0xff, 8);
  const next = decodeAll([damaged, ...encodeMessage("next", [])], 5);
  equal(next.errors.length, 1);
  deepStrictEqual(next.messages, ["next"]);
});

test("MessageDecoder tells once that something else is between the messages, and hands on nothing that comes after it", () => {
  for (const foreign of ["hi", "hi\n", "a line of text\n", "\0".repeat(8)]) {
    const chunks = [...encodeMessage("before", []), Buffer.from(foreign), ...encodeMessage("after", []), ...encodeMessage("after", [])];
    for (const size of [1, 5, 1000]) {
      const messages: unknown[] = [];
      const errors: unknown[] = [];
      const decoder = new MessageDecoder({
        message: (message: unknown) => messages.push(message),
        messageError: (error) => errors.push(error),
        garbled: (error) => errors.push((error as Error).message),
      });
      const bytes = Buffer.concat(chunks);
      for (let start = 0; start < bytes.length; start += size) decoder.push(bytes.subarray(start, start + size));
      deepStrictEqual(messages, ["before"], `${JSON.stringify(foreign)} in pieces of ${size}`);
      deepStrictEqual(errors, ["Cannot read the messages any more: something else has been written, or read, between them"]);
    }
  }
});
