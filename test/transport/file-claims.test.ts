import { deepEqual, equal, ok } from "node:assert/strict";
import { closeSync, fstatSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { CLAIM_SLOTS } from "#dure/transport/claims.js";
import { CLAIMS_FILE_SIZE, FileFarClaims, FileNearClaims, openClaimsFile } from "#dure/transport/file-claims.js";

function open(): { readonly near: FileNearClaims; readonly far: FileFarClaims; readonly descriptor: number } {
  const descriptor = openClaimsFile();
  ok(descriptor !== undefined);
  return { near: new FileNearClaims(descriptor), far: new FileFarClaims(descriptor), descriptor };
}

test("a slot that the worker has begun cannot be taken back, and the other way round", () => {
  const { near, far } = open();
  const [begun, wanted] = [near.offer(), near.offer()];
  equal(far.begin(begun), true);
  equal(near.takeBack(begun), false);
  equal(near.takeBack(wanted), true);
  equal(far.begin(wanted), false);
  deepEqual([near.hasBegun(begun), near.hasBegun(wanted)], [true, false]);
  near.close();
});

test("a place that is used again starts afresh", () => {
  const { near, far } = open();
  const first = near.offer();
  far.begin(first);
  near.abort(first);
  near.release(first);
  const second = near.offer();
  equal(second % CLAIM_SLOTS, first % CLAIM_SLOTS);
  equal(near.hasBegun(second), false);
  equal(far.isAborted(second), false);
  equal(far.begin(second), true);
  near.close();
});

test("offer() gives -1 when all places are in use", () => {
  const { near } = open();
  const slots = Array.from({ length: CLAIM_SLOTS }, () => near.offer());
  equal(new Set(slots).size, CLAIM_SLOTS);
  equal(near.offer(), -1);
  near.release(slots[0]!);
  ok(near.offer() >= 0);
  near.close();
});

test("abort() is seen for its slot only", () => {
  const { near, far } = open();
  const [one, other] = [near.offer(), near.offer()];
  near.abort(one);
  deepEqual([far.isAborted(one), far.isAborted(other)], [true, false]);
  near.close();
});

test("what had begun can still be asked once the file is closed, and closing twice is harmless", () => {
  const { near, far } = open();
  const [begun, waiting] = [near.offer(), near.offer()];
  far.begin(begun);
  far.noteAbortCall();
  near.close();
  near.close();
  deepEqual([near.hasBegun(begun), near.hasBegun(waiting), near.abortCalled], [true, false, true]);
  equal(near.takeBack(begun), false);
});

test("the file has its room from the start, so that no word finds none later", () => {
  const descriptor = openClaimsFile()!;
  const { size, blocks } = fstatSync(descriptor);
  equal(size, CLAIMS_FILE_SIZE);
  ok(512 * blocks >= CLAIMS_FILE_SIZE);
  closeSync(descriptor);
});

test("the file has no name", () => {
  const names = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("dure-") && !name.startsWith("dure-test"));
  const before = names();
  const { near } = open();
  deepEqual(names(), before);
  near.close();
});

// A thread begins slots as fast as it can while this one takes them back: each slot is run or taken back, never both
// and never neither.
test("of a begin and a take-back at the same time exactly one succeeds", async () => {
  const rounds = 20;
  const { near, descriptor } = open();
  const begun = new Int32Array(new SharedArrayBuffer(rounds * CLAIM_SLOTS * 4));
  const turn = new Int32Array(new SharedArrayBuffer(8));
  const module = new URL("../../../dist/transport/file-claims.js", import.meta.url).href;
  const code = `
    const { workerData: { descriptor, begun, turn } } = require("node:worker_threads");
    import(${JSON.stringify(module)}).then(({ FileFarClaims }) => {
      const far = new FileFarClaims(descriptor);
      for (let round = 0; round < ${rounds}; round += 1) {
        Atomics.wait(turn, 0, round);
        for (let index = 0; index < ${CLAIM_SLOTS}; index += 1) begun[round * ${CLAIM_SLOTS} + index] = far.begin((round + 1) * ${CLAIM_SLOTS} + index) ? 1 : 2;
        Atomics.store(turn, 1, round + 1);
        Atomics.notify(turn, 1);
      }
    });`;
  const worker = new Worker(code, { eval: true, workerData: { descriptor, begun, turn } });
  for (let round = 0; round < rounds; round += 1) {
    const slots = Array.from({ length: CLAIM_SLOTS }, () => near.offer()).toSorted((a, b) => a - b);
    equal(slots[0], (round + 1) * CLAIM_SLOTS);
    Atomics.store(turn, 0, round + 1);
    Atomics.notify(turn, 0);
    // From the other end, so that the two meet.
    const takenBack = slots
      .toReversed()
      .map((slot) => near.takeBack(slot))
      .toReversed();
    Atomics.wait(turn, 1, round);
    for (const [index, taken] of takenBack.entries()) equal(begun[round * CLAIM_SLOTS + index], taken ? 2 : 1, `round ${round}, slot ${index}`);
    for (const slot of slots) near.release(slot);
  }
  await worker.terminate();
  near.close();
});
