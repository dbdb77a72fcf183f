// Where the system's own functions may be called.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { systemCalls } from "#dure/transport/system-calls.js";

const lack = process.platform === "linux" ? false : "they are Linux's";

test("the main thread of a process may call them", { skip: lack }, () => {
  const calls = systemCalls(undefined);
  assert.ok("place" in calls, JSON.stringify(calls));
});

test("other threads load no package for it: ended meanwhile, they would end the program", { skip: lack }, async () => {
  const worker = new Worker(new URL("fixtures/tells-system-calls.js", import.meta.url));
  const reason = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  assert.match(String(reason), /only the main thread/);
});
