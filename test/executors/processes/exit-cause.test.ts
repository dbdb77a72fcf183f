import { equal } from "node:assert/strict";
import { test } from "node:test";
import { exitCause, type ProcessEnd } from "#dure/executors/processes/exit-cause.js";

const end: ProcessEnd = { exitCode: null, signal: null, isKilled: false, hasStarted: true, abortCalled: false };

for (const [likelyCause, fields] of [
  ["process.exit", { exitCode: 0 }],
  ["process.exit", { exitCode: 7 }],
  ["unknown", { exitCode: 9, hasStarted: false }],
  ["unknown", {}],
  ["killed", { signal: "SIGKILL" }],
  ["killed", { signal: "SIGTERM" }],
  ["killed", { signal: "SIGSEGV", isKilled: true }],
  ["killed", { exitCode: 1, isKilled: true }],
  ["native crash", { signal: "SIGSEGV" }],
  ["native crash", { signal: "SIGBUS" }],
  ["native crash", { signal: "SIGABRT", abortCalled: true }],
  ["native crash", { exitCode: 0xc0000005 }],
  ["out of memory", { signal: "SIGABRT" }],
  ["out of memory", { exitCode: 134 }],
] as const) {
  test(`exitCause() says ${likelyCause} for ${JSON.stringify(fields)}`, () => {
    equal(exitCause({ ...end, ...fields }), likelyCause);
  });
}
