// A channel over a message port: between a pool and a thread.

import { receiveMessageOnPort, type MessagePort, type TransferListItem } from "node:worker_threads";
import type { Channel, ChannelListener } from "./channel.ts";

export class PortChannel<Out, In> implements Channel<Out, In> {
  readonly #port: MessagePort;
  #listener: ChannelListener<In> | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  listen(listener: ChannelListener<In>): void {
    this.#listener = listener;
    this.#port.on("message", (message: In) => this.#listener?.message(message));
    this.#port.on("messageerror", (error) => this.#listener?.messageError(error));
  }

  send(message: Out, transfer: readonly object[]): void {
    this.#port.postMessage(message, transfer as TransferListItem[]);
  }

  deliverArrived(): void {
    for (let arrived = this.#receive(); arrived !== undefined; arrived = this.#receive()) this.#listener?.message(arrived.message);
  }

  #receive(): { readonly message: In } | undefined {
    for (;;) {
      try {
        return receiveMessageOnPort(this.#port);
      } catch (error) {
        this.#listener?.messageError(error);
      }
    }
  }

  close(): void {
    this.#listener = undefined;
    this.#port.close();
  }

  ref(): void {
    this.#port.ref();
  }

  unref(): void {
    this.#port.unref();
  }
}
