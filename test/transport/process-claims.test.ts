import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { CLAIM_SLOTS, CLAIMS_SIZE } from "#dure/transport/claims.js";
import { FileFarClaims, FileNearClaims, openClaimsFile } from "#dure/transport/file-claims.js";
import { ProcessFarClaims, ProcessNearClaims } from "#dure/transport/process-claims.js";

function open(isWorthMapping: () => void = () => {}) {
  const descriptor = openClaimsFile();
  ok(descriptor !== undefined);
  const file = new FileNearClaims(descriptor);
  return {
    file,
    near: new ProcessNearClaims(file, isWorthMapping),
    far: new ProcessFarClaims(new FileFarClaims(descriptor)),
    buffer: new SharedArrayBuffer(CLAIMS_SIZE),
  };
}

test("slots from before and after memory has come are told apart, by both sides", () => {
  const { file, near, far, buffer } = open();
  const [early, wanted] = [near.offer(), near.offer()];
  far.map(buffer);
  near.map(buffer);
  const [late, other] = [near.offer(), near.offer()];
  ok(early >= CLAIM_SLOTS && late < CLAIM_SLOTS);
  deepEqual([far.begin(early), far.begin(late, new Uint8Array([7]))], [true, true]);
  deepEqual([near.takeBack(early), near.takeBack(late), near.takeBack(wanted), near.takeBack(other)], [false, false, true, true]);
  deepEqual([far.begin(wanted), far.begin(other)], [false, false]);
  deepEqual([near.noteOf(early), [...near.noteOf(late)!]], [undefined, [7]]);
  near.abort(early);
  near.abort(late);
  deepEqual([far.isAborted(early), far.isAborted(late)], [true, true]);
  near.close();
  file.close();
  deepEqual(
    [early, wanted, late, other].map((slot) => near.hasBegun(slot)),
    [true, false, true, false],
  );
});

test("each slot goes back to where it is from", () => {
  const { file, near, far, buffer } = open();
  const early = Array.from({ length: CLAIM_SLOTS }, () => near.offer());
  equal(near.offer(), -1);
  far.map(buffer);
  near.map(buffer);
  const late = Array.from({ length: CLAIM_SLOTS }, () => near.offer());
  equal(near.offer(), -1);
  for (const slot of early) near.release(slot);
  equal(near.offer(), -1);
  near.release(late[0]!);
  equal(near.offer(), late[0]);
  near.close();
  file.close();
});

test("it says once that memory is worth its while", () => {
  let said = 0;
  const { file, near } = open(() => (said += 1));
  for (let offered = 0; offered < 40_000; offered += 1) near.release(near.offer());
  equal(said, 1);
  file.close();
});
