// A channel over two sockets, one for each direction: the pool's end of the connection to a worker process.

import type { Socket } from "node:net";
import { encodeMessage, MessageDecoder } from "../codec/wire-bytes.ts";
import type { Channel, ChannelListener } from "./channel.ts";

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
    const decoder = new MessageDecoder({
      // Closed from within a message, with more in the same chunk.
      message: (message) => this.#isClosed || listener.message(message),
      messageError: (error) => this.#isClosed || listener.messageError(error),
    });
    this.#incoming.on("data", (chunk: Buffer) => decoder.push(chunk));
  }

  send(message: Out, transfer: readonly object[]): void {
    if (this.#isClosed || !this.#outgoing.writable) return;
    const parts = encodeMessage(message, transfer);
    if (parts.length === 1) return void this.#outgoing.write(parts[0]!);
    // All parts leave with one system call.
    this.#outgoing.cork();
    for (const part of parts) this.#outgoing.write(part);
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
