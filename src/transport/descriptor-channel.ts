// A channel over two inherited descriptors: the worker's end of the connection between a pool and a process.

import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";
import { encodeMessage, MessageDecoder } from "../codec/wire-bytes.ts";
import type { Channel, ChannelListener } from "./channel.ts";
import { decodeCompact, encodeCompact } from "./compact-frames.ts";
import { encodeAtMost } from "./memory-frames.ts";
import { intoOneBuffer } from "./quick-socket.ts";
import type { FrameForm } from "./ring-frames.ts";
import { writeAll } from "./write-all.ts";

export interface DescriptorChannelOptions<Out, In> {
  readonly incoming: number;
  readonly outgoing: number;
  readonly forms: { readonly outgoing: FrameForm<Out>; readonly incoming: FrameForm<In> };
  /** Puts a large message down elsewhere, and gives what to send instead; `undefined` if it must be sent as it is. */
  readonly putDown?: ((parts: readonly Uint8Array[]) => object | undefined) | undefined;
  /** The other end is gone, or what arrives is none of its messages. */
  lost(): void;
}

export class DescriptorChannel<Out, In> implements Channel<Out, In> {
  readonly #options: DescriptorChannelOptions<Out, In>;
  #socket: Socket | undefined;
  #isLost = false;

  constructor(options: DescriptorChannelOptions<Out, In>) {
    this.#options = options;
  }

  listen(listener: ChannelListener<In>): void {
    const { incoming } = this.#options.forms;
    const decoder = new MessageDecoder(
      {
        message: (message) => listener.message(message),
        messageError: (error) => listener.messageError(error),
        garbled: () => this.#lose(),
      },
      (body) => decodeCompact(incoming, body),
    );
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: this.#options.incoming,
      readable: true,
      writable: false,
      onread: intoOneBuffer((bytes) => decoder.push(bytes)),
    };
    this.#socket = new Socket(options);
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.#lose());
  }

  /** Returns when all is written, so that nothing is lost if the worker exits next, and a slow pool slows its worker. */
  send(message: Out, transfer: readonly object[]): void {
    if (this.#isLost) return;
    const compact = transfer.length === 0 ? encodeCompact(this.#options.forms.outgoing, message) : undefined;
    const parts = encodeAtMost(compact === undefined ? encodeMessage(message, transfer) : [compact], this.#options.putDown);
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
