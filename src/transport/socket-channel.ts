// A channel over two sockets, one for each direction: the pool's end of the connection to a worker process.

import type { Socket } from "node:net";
import { encodeMessage, MessageDecoder } from "../codec/wire-bytes.ts";
import type { Channel, ChannelListener } from "./channel.ts";
import { decodeCompact, encodeCompact, keepEncoded } from "./compact-frames.ts";
import { encodeAtMost } from "./memory-frames.ts";
import { readQuickly, writeQuickly } from "./quick-socket.ts";
import type { FrameForm } from "./ring-frames.ts";

export interface SocketChannelOptions<Out, In> {
  /** Taken over: nobody else reads it, or has read it. */
  readonly incoming: Socket;
  readonly outgoing: Socket;
  readonly forms: { readonly outgoing: FrameForm<Out>; readonly incoming: FrameForm<In> };
  /** Puts a large message down elsewhere, and gives what to send instead; `undefined` if it must be sent as it is. */
  readonly putDown?: ((parts: readonly Uint8Array[]) => object | undefined) | undefined;
  /** The other side has closed an end of it, as it does when it ends. */
  closed(): void;
  /** What arrives is none of its messages. */
  garbled(error: unknown): void;
}

export class SocketChannel<Out, In> implements Channel<Out, In> {
  readonly #incoming: Socket;
  readonly #outgoing: Socket;
  readonly #forms: SocketChannelOptions<Out, In>["forms"];
  readonly #putDown: SocketChannelOptions<Out, In>["putDown"];
  readonly #garbled: (error: unknown) => void;
  #decoder: MessageDecoder | undefined;
  #isClosed = false;

  constructor({ incoming, outgoing, forms, putDown, closed, garbled }: SocketChannelOptions<Out, In>) {
    this.#putDown = putDown;
    this.#garbled = garbled;
    this.#incoming = readQuickly(incoming, (bytes) => this.#decoder?.push(bytes));
    this.#outgoing = outgoing;
    this.#forms = forms;
    // A worker that dies while it is written to: its exit says all that there is to say.
    outgoing.on("error", () => {});
    this.#incoming.on("error", () => {});
    for (const socket of [this.#incoming, outgoing]) socket.on("close", () => this.#isClosed || closed());
  }

  listen(listener: ChannelListener<In>): void {
    this.#decoder = new MessageDecoder(
      {
        // Closed from within a message, with more in the same chunk.
        message: (message) => this.#isClosed || listener.message(message),
        messageError: (error) => this.#isClosed || listener.messageError(error),
        garbled: (error) => this.#isClosed || this.#garbled(error),
      },
      (body) => decodeCompact(this.#forms.incoming, body),
    );
  }

  send(message: Out, transfer: readonly object[]): void {
    if (this.#isClosed || !this.#outgoing.writable) return;
    const compact = transfer.length === 0 ? encodeCompact(this.#forms.outgoing, message) : undefined;
    this.#write(encodeAtMost(compact === undefined ? encodeMessage(message, transfer) : [compact], this.#putDown));
    // What the system has not taken at once is written from where it is.
    if (compact !== undefined && this.#outgoing.writableLength > 0) keepEncoded();
  }

  #write(parts: readonly Uint8Array[]): void {
    if (parts.length === 1) return writeQuickly(this.#outgoing, parts[0]!);
    // All parts leave with one system call.
    this.#outgoing.cork();
    for (const part of parts) this.#outgoing.write(part);
    this.#outgoing.uncork();
  }

  /** Calls back when nothing more can arrive. */
  onceAllHasArrived(callback: () => void): void {
    if (this.#incoming.destroyed) callback();
    else this.#incoming.once("close", callback);
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
