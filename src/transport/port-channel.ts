// A channel over a message port: between a pool and a thread.

import { types } from "node:util";
import { receiveMessageOnPort, type MessagePort, type TransferListItem } from "node:worker_threads";
import { frameMemory, type FrameMemory } from "../codec/trees/memory.ts";
import type { Channel, ChannelListener } from "./channel.ts";
import type { FrameForm, FrameSpace } from "./ring-frames.ts";

/** Bytes of a frame that is worth a buffer of its own. Smaller ones are cloned as fast. */
const SMALLEST_FRAME = 4096;
/** Larger: more memory is taken, for a moment, beside what a message itself takes. */
const LARGEST_FRAME = 16 * 1024 * 1024;

/** A buffer of its own for each frame, to be moved with it. */
class OwnBuffer implements FrameSpace {
  readonly limit = LARGEST_FRAME;
  memory: FrameMemory = NO_MEMORY;

  reserve(size: number): number {
    if (size < SMALLEST_FRAME) return -1;
    this.memory = frameMemory(new ArrayBuffer(size));
    return 0;
  }

  publish(): void {}

  /** What has been written, which is gone from here. */
  take(): ArrayBuffer {
    const { buffer } = this.memory.words;
    this.memory = NO_MEMORY;
    return buffer as ArrayBuffer;
  }
}

const NO_MEMORY: FrameMemory = frameMemory(new ArrayBuffer(0));

export interface PortForms<Out, In> {
  readonly outgoing: FrameForm<Out>;
  readonly incoming: FrameForm<In>;
}

export class PortChannel<Out extends object, In extends object, Signal> implements Channel<Out | Signal, In | Signal> {
  readonly #port: MessagePort;
  readonly #forms: PortForms<Out, In>;
  readonly #space = new OwnBuffer();
  #listener: ChannelListener<In | Signal> | undefined;

  /** `forms`: how large messages are written by hand. `closed`: called if the other side closes the port, as it does when it ends. */
  constructor(port: MessagePort, forms: PortForms<Out, In>, closed?: () => void) {
    this.#port = port;
    this.#forms = forms;
    if (closed !== undefined) port.on("close", () => this.#listener !== undefined && closed());
  }

  listen(listener: ChannelListener<In | Signal>): void {
    this.#listener = listener;
    this.#port.on("message", (message: unknown) => this.#deliver(message));
    this.#port.on("messageerror", (error) => this.#listener?.messageError(error));
  }

  #deliver(message: unknown): void {
    if (types.isArrayBuffer(message)) this.#deliverFrame(message);
    else this.#listener?.message(message as In | Signal);
  }

  #deliverFrame(frame: ArrayBuffer): void {
    let message: In;
    try {
      message = this.#forms.incoming.read(frameMemory(frame), 0);
    } catch (error) {
      // There is no memory for it.
      return this.#listener?.messageError(error);
    }
    this.#listener?.message(message);
  }

  send(message: Out | Signal, transfer: readonly object[]): void {
    if (transfer.length === 0 && typeof message === "object" && this.#forms.outgoing.write(this.#space, message as Out)) {
      const frame = this.#space.take();
      this.#port.postMessage(frame, [frame]);
    } else this.#port.postMessage(message, transfer as TransferListItem[]);
  }

  deliverArrived(): void {
    for (let arrived = this.#receive(); arrived !== undefined; arrived = this.#receive()) this.#deliver(arrived.message);
  }

  #receive(): { readonly message: unknown } | undefined {
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
