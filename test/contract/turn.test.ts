import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { atEndOfTurn, lookingBegins, lookingEnds, turnIsOver } from "#dure/contract/turn.js";

test("a turn is over when what runs now is over, and while somebody looks, when the event loop has come round", async () => {
  const told: string[] = [];
  atEndOfTurn(() => told.push("usual"));
  equal(told.length, 0);
  await Promise.resolve();
  deepEqual([...told], ["usual"]);

  lookingBegins();
  lookingBegins();
  atEndOfTurn(() => told.push("long"));
  await Promise.resolve();
  deepEqual([...told], ["usual"]);
  turnIsOver();
  deepEqual([...told], ["usual", "long"]);

  atEndOfTurn(() => told.push("end of one"));
  lookingEnds();
  deepEqual([...told], ["usual", "long", "end of one"]);
  atEndOfTurn(() => told.push("end of both"));
  lookingEnds();
  deepEqual([...told], ["usual", "long", "end of one", "end of both"]);
  turnIsOver();
  equal(told.length, 4);
});
