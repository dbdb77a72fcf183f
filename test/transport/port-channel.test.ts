import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { FinishedMessage, FromWorker, ToWorker } from "#dure/protocol/messages.js";
import { columnsOfOutcomes, outcomesOf } from "#dure/protocol/columns.js";
import { PortChannel } from "#dure/transport/port-channel.js";
import { FINISHED_FRAMES, RUN_FRAMES } from "#dure/transport/ring-frames.js";
import { assertSameGraph } from "../codec/values/same-graph.ts";

const finished = (value: unknown): FinishedMessage => ({ type: "finished", outcomes: columnsOfOutcomes([[1, true, value, false, 1]]) });

/** Both ends: one sends as a worker does, the other hears as its pool. */
function connect() {
  const { port1, port2 } = new MessageChannel();
  const far = new PortChannel<FromWorker, ToWorker, 0>(port1, { outgoing: FINISHED_FRAMES, incoming: RUN_FRAMES });
  const near = new PortChannel<ToWorker, FromWorker, 0>(port2, { outgoing: RUN_FRAMES, incoming: FINISHED_FRAMES });
  const raw: unknown[] = [];
  port2.on("message", (message) => raw.push(message));
  return { far, near, port1, raw };
}

/** Resolves to what is heard until so many have come. */
async function hear(near: PortChannel<ToWorker, FromWorker, 0>, count: number): Promise<(FromWorker | 0)[]> {
  const heard: (FromWorker | 0)[] = [];
  await new Promise<void>((resolve, reject) => {
    near.listen({
      message(message) {
        heard.push(message);
        if (heard.length === count) resolve();
      },
      messageError: reject,
    });
  });
  return heard;
}

const records = Array.from({ length: 1000 }, (_, id) => ({ id, name: `record ${id}`, isNew: id % 2 === 0 }));

test("large data goes as one buffer, small and other messages as they are, all in the order sent", async () => {
  const { far, near, raw } = connect();
  const sent: (FromWorker | 0)[] = [finished(1), finished(records), 0, finished([/x/, records]), finished(records.slice(0, 500))];
  const hearing = hear(near, sent.length);
  for (const message of sent) far.send(message, []);
  const heard = await hearing;
  near.close();
  equal(heard.length, sent.length);
  for (const [index, message] of sent.entries()) assertSameGraph(shown(heard[index]!), shown(message));
  deepEqual(
    raw.map((message) => message instanceof ArrayBuffer),
    [false, true, false, false, true],
  );
});

function shown(message: FromWorker | 0): unknown {
  return message !== 0 && message.type === "finished" ? outcomesOf(message.outcomes) : message;
}

test("deliverArrived() delivers large data, too", () => {
  const { far, near, port1 } = connect();
  const heard: unknown[] = [];
  near.listen({ message: (message) => void heard.push(shown(message)), messageError: (error) => void heard.push(error) });
  far.send(finished(records), []);
  near.deliverArrived();
  closeBoth(near, port1);
  assertSameGraph(heard, [shown(finished(records))]);
});

test("a buffer that is no frame is an error of that message only", () => {
  const { near, port1 } = connect();
  const heard: unknown[] = [];
  near.listen({ message: (message) => void heard.push(message), messageError: (error) => void heard.push(error instanceof Error) });
  port1.postMessage(new ArrayBuffer(12));
  port1.postMessage(0);
  near.deliverArrived();
  closeBoth(near, port1);
  deepEqual(heard, [true, 0]);
});

test("what was sent can be sent again", () => {
  const { far, near, port1 } = connect();
  const heard: unknown[] = [];
  near.listen({ message: (message) => void heard.push(shown(message)), messageError: (error) => void heard.push(error) });
  const message = finished(records);
  far.send(message, []);
  far.send(message, []);
  near.deliverArrived();
  closeBoth(near, port1);
  equal(heard.length, 2);
  assertSameGraph(heard[1], shown(message));
});

function closeBoth(near: PortChannel<ToWorker, FromWorker, 0>, port: MessagePort): void {
  near.close();
  port.close();
}
