// A channel over two inherited descriptors: the worker's end of the connection between a pool and a process.

import { writeSync } from "node:fs";
import { Socket } from "node:net";
import type { Channel, ChannelListener } from "./channel.ts";
import { FrameReader, frameHeader } from "./frames.ts";
import { decodeMessage, detach, encodeMessage } from "./message-bytes.ts";

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
    const frames = new FrameReader((bytes) => receive(bytes, listener));
    this.#socket = new Socket({ fd: this.#options.incoming, readable: true, writable: false });
    this.#socket.on("data", (chunk: Buffer) => frames.push(chunk));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.#lose());
  }

  /** Returns when all is written, so that nothing is lost if the worker exits next, and a slow pool slows its worker. */
  send(message: Out, transfer: readonly object[]): void {
    if (this.#isLost) return;
    const body = encodeMessage(message);
    detach(transfer);
    try {
      writeAll(this.#options.outgoing, frameHeader(body.length));
      writeAll(this.#options.outgoing, body);
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

function receive<In>(bytes: Buffer, listener: ChannelListener<In>): void {
  let message: In;
  try {
    message = decodeMessage(bytes) as In;
  } catch (error) {
    return listener.messageError(error);
  }
  listener.message(message);
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** The descriptor blocks, unless someone has made it not to; then a full pipe is waited for. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}
