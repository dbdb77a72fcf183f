// A worker process's way from the file of control words and the socket to memory that its pool sees, too: when the pool
// offers it, both use it from then on. What cannot be mapped is not answered, and all goes on as before.

import type { FromWorker, ToWorker } from "../protocol/messages.ts";
import type { Channel, ChannelListener } from "../transport/channel.ts";
import type { FromWorkerAboutMemory, ToWorkerAboutMemory, ToWorkerAboutValues, WordsOffer } from "../transport/memory-messages.ts";
import type { ProcessFarClaims } from "../transport/process-claims.ts";
import { openProcessMemory, ringsIn } from "../transport/process-memory.ts";
import type { RingChannel } from "../transport/ring-channel.ts";

type Out = FromWorker | FromWorkerAboutMemory;
type In = ToWorker | ToWorkerAboutMemory;

/** The channel without such offers. `mapped`: told that this worker can, and for how many milliseconds the pool wants it to look for tasks. */
export function takingOffers(
  ring: RingChannel<Out, In>,
  claims: ProcessFarClaims | undefined,
  mapped: (spinMs: number) => void,
): Channel<Out, ToWorker | ToWorkerAboutValues> {
  const take = (offer: WordsOffer): void => {
    const memory = openProcessMemory(offer);
    if (memory === undefined) return;
    claims?.map(memory.buffer);
    ring.openRings(ringsIn(memory));
    // By the socket: the pool has no ring yet.
    ring.send({ type: "memoryWordsOpened" }, []);
    mapped(offer.spinMs);
  };
  return {
    listen: (listener) => ring.listen(withoutOffers(listener, take)),
    send: (message, transfer) => ring.send(message, transfer),
    deliverArrived: () => ring.deliverArrived(),
    close: () => ring.close(),
  };
}

function withoutOffers(listener: ChannelListener<ToWorker | ToWorkerAboutValues>, take: (offer: WordsOffer) => void): ChannelListener<In> {
  return {
    message: (message) => (message.type === "memoryWords" ? take(message) : listener.message(message)),
    messageError: (error) => listener.messageError(error),
  };
}
