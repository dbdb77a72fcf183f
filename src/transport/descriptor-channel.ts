// A channel over two inherited descriptors: the worker's end of the connection between a pool and a process.

import { writeSync, writevSync } from "node:fs";
import { type ConnectOpts, type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";
import { encodeMessage, MessageDecoder } from "../codec/wire-bytes.ts";
import type { Channel, ChannelListener } from "./channel.ts";

/** Bytes read at once. Smaller: more system calls for large messages. Larger: memory in each worker. */
const READ_SIZE = 65_536;

export interface DescriptorChannelOptions {
  readonly incoming: number;
  readonly outgoing: number;
  /** The other end is gone. */
  lost(): void;
}

export class DescriptorChannel<Out, In> implements Channel<Out, In> {
  readonly #options: DescriptorChannelOptions;
  #socket: Socket | undefined;
  #isLost = false;

  constructor(options: DescriptorChannelOptions) {
    this.#options = options;
  }

  listen(listener: ChannelListener<In>): void {
    const decoder = new MessageDecoder(listener);
    const options: SocketConstructorOpts & ConnectOpts = { fd: this.#options.incoming, readable: true, writable: false, onread: intoOneBuffer(decoder) };
    this.#socket = new Socket(options);
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.#lose());
  }

  /** Returns when all is written, so that nothing is lost if the worker exits next, and a slow pool slows its worker. */
  send(message: Out, transfer: readonly object[]): void {
    if (this.#isLost) return;
    const parts = encodeMessage(message, transfer);
    try {
      writeAll(this.#options.outgoing, parts);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EPIPE") throw error;
      this.#lose();
    }
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#options.lost();
  }

  close(): void {
    this.#socket?.destroy();
  }
}

/** Reading without a new buffer and a stream's bookkeeping for each message, between tasks that others wait for. */
function intoOneBuffer(decoder: MessageDecoder): OnReadOpts {
  return {
    buffer: Buffer.allocUnsafeSlow(READ_SIZE),
    callback(length, buffer) {
      decoder.push(buffer.subarray(0, length));
      return true;
    },
  };
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

function writeAll(descriptor: number, parts: readonly Uint8Array[]): void {
  for (let rest = parts; rest.length > 0; ) rest = withoutWritten(rest, writeSome(descriptor, rest));
}

/** The descriptor blocks, unless someone has made it not to; then a full pipe is waited for. */
function writeSome(descriptor: number, parts: readonly Uint8Array[]): number {
  try {
    return parts.length === 1 ? writeSync(descriptor, parts[0]!) : writevSync(descriptor, parts);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
    Atomics.wait(sleeper, 0, 0, 1);
    return 0;
  }
}

function withoutWritten(parts: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let first = 0;
  let left = written;
  for (; first < parts.length && left >= parts[first]!.byteLength; first += 1) left -= parts[first]!.byteLength;
  if (left === 0) return parts.slice(first);
  return [parts[first]!.subarray(left), ...parts.slice(first + 1)];
}
