// Workers whose tasks close, or write to, what the worker and its pool speak by.

import { equal, match, ok } from "node:assert/strict";
import { afterEach, test } from "node:test";
import { DrivenWorker, killAllDriven, realHosts, type AnyFunction } from "./driven-worker.ts";

afterEach(killAllDriven);

const [threads, processes] = realHosts;

/** Live on, with something to wait for. */
async function closePort(): Promise<void> {
  const { workerData } = await import("node:worker_threads");
  setInterval(() => {}, 60_000);
  (workerData as { dure: { port: { close(): void } } }).dure.port.close();
  await new Promise(() => {});
}

async function closeDescriptor(descriptor: number): Promise<void> {
  const { closeSync } = await import("node:fs");
  setInterval(() => {}, 60_000);
  closeSync(descriptor);
  await new Promise(() => {});
}

async function writeTo(descriptor: number, text: string): Promise<void> {
  const { writeSync } = await import("node:fs");
  writeSync(descriptor, text);
}

const closings: readonly (readonly [what: string, host: (typeof realHosts)[number] | undefined, close: AnyFunction, ...args: unknown[]])[] = [
  ["port", threads, closePort],
  ["descriptor for its messages", processes, closeDescriptor, 3],
  ["descriptor for its pool's messages", processes, closeDescriptor, 4],
];

for (const [what, host, close, ...args] of closings) {
  test(`a worker whose task has closed the ${what} is ended, and its pool hears why`, async () => {
    const worker = await new DrivenWorker(host!).ready();
    worker.send([[close, ...args]]);
    const { error, likelyCause } = await worker.exited();
    equal(likelyCause, "killed");
    match(String(error), /closed the worker's connection/);
  });
}

for (const text of ["a line of text\n", "hi\n", "\0\0\0\0\0\0\0\0", "x".repeat(100_000)]) {
  test(`a worker whose task writes ${JSON.stringify(text.slice(0, 20))} between its messages is ended, and its pool hears why`, async () => {
    const worker = await new DrivenWorker(processes!).ready();
    worker.send([[writeTo, 3, text]]);
    const { error, likelyCause } = await worker.exited();
    equal(likelyCause, "killed");
    match(String(error), /something else has been written/);
    equal(worker.messageErrors.length, 0);
  });
}

test("a worker without the control words that it was given ends, and says why", async () => {
  const worker = await new DrivenWorker(processes!).ready();
  const { claims } = worker.handle;
  const closeClaims = async (): Promise<void> => (await import("node:fs")).closeSync(5);
  const slots = [claims!.offer(), claims!.offer()];
  worker.send([[closeClaims], [() => 1]], slots);
  const { exitCode } = await worker.exited();
  equal(exitCode, 1);
  match(String(worker.leftovers[0]), /EBADF/);
  ok(claims!.hasBegun(slots[0]!) && !claims!.hasBegun(slots[1]!));
});
