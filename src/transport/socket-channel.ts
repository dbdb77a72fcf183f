// A channel over two sockets, one for each direction: the pool's end of the connection to a worker process.

import type { Socket } from "node:net";
import type { Channel, ChannelListener } from "./channel.ts";
import { FrameReader, frameHeader } from "./frames.ts";
import { decodeMessage, detach, encodeMessage } from "./message-bytes.ts";

export class SocketChannel<Out, In> implements Channel<Out, In> {
  readonly #incoming: Socket;
  readonly #outgoing: Socket;
  #isClosed = false;

  constructor(incoming: Socket, outgoing: Socket) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    // A worker that dies while it is written to: its exit says all that there is to say.
    outgoing.on("error", () => {});
    incoming.on("error", () => {});
  }

  listen(listener: ChannelListener<In>): void {
    const frames = new FrameReader((bytes) => this.#receive(bytes, listener));
    this.#incoming.on("data", (chunk: Buffer) => frames.push(chunk));
  }

  #receive(bytes: Buffer, listener: ChannelListener<In>): void {
    if (this.#isClosed) return;
    let message: In;
    try {
      message = decodeMessage(bytes) as In;
    } catch (error) {
      return listener.messageError(error);
    }
    listener.message(message);
  }

  send(message: Out, transfer: readonly object[]): void {
    if (this.#isClosed || !this.#outgoing.writable) return;
    const body = encodeMessage(message);
    detach(transfer);
    // Header and body leave with one system call.
    this.#outgoing.cork();
    this.#outgoing.write(frameHeader(body.length));
    this.#outgoing.write(body);
    this.#outgoing.uncork();
  }

  close(): void {
    this.#isClosed = true;
    this.#incoming.destroy();
    this.#outgoing.destroy();
  }

  ref(): void {
    this.#incoming.ref();
    this.#outgoing.ref();
  }

  unref(): void {
    this.#incoming.unref();
    this.#outgoing.unref();
  }
}
