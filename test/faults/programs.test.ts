// How programs with pools are ended, stop and go on, and what becomes of their workers and of what these print. That a
// killed or interrupted program takes its computing workers along is tried on every rung (test/conformance/programs.ts).

import assert from "node:assert/strict";
import { test } from "node:test";
import { isLongForm } from "../chaos.ts";
import { until } from "../gate.ts";
import type { RungName } from "./matrix.ts";
import { withProgram } from "./program.ts";

const RUNGS: readonly RungName[] = ["threads", "processes"];

for (const rung of RUNGS) {
  test(`a program that is killed while its workers are in native calls is gone with them (${rung})`, () =>
    withProgram(rung, "computesNatively", async (program) => {
      await program.gate.begun(2);
      program.child.kill("SIGKILL");
      assert.deepEqual(await program.end(), [null, "SIGKILL"]);
      await program.leavesNothing();
    }));

  for (const signal of isLongForm ? (["SIGHUP", "SIGTERM"] as const) : (["SIGHUP"] as const))
    test(`${signal}, as of a terminal that is closed, ends the program and its busy workers (${rung})`, () =>
      withProgram(rung, "isBusy", async (program) => {
        await program.gate.begun(2);
        // A terminal tells the whole group.
        process.kill(-program.pid, signal);
        assert.deepEqual(await program.end(), [null, signal]);
        await program.leavesNothing();
      }));

  test(`process.exit() ends the program at once, with work of every kind in its pool (${rung})`, () =>
    withProgram(rung, "exits", async (program) => {
      assert.deepEqual(await program.end(), [5, null]);
      assert.equal(program.errors, "");
      await program.leavesNothing();
    }));

  test(`an error that the program does not catch ends it as Node does, workers included (${rung})`, () =>
    withProgram(rung, "throws", async (program) => {
      assert.deepEqual(await program.end(), [1, null]);
      assert.equal(program.errors.match(/RangeError: not caught by the program/g)?.length, 1);
      await program.leavesNothing();
    }));

  test(`a program that is stopped and continued goes on where it was, and no task is lost or late (${rung})`, () =>
    withProgram(rung, "isStopped", async (program) => {
      await program.gate.begun(1);
      program.child.kill("SIGSTOP");
      await until(() => program.isStopped);
      program.gate.open();
      // Threads are stopped with their process; worker processes go on, and end their tasks meanwhile.
      if (rung === "processes") await until(() => program.gate.ended() === 1);
      program.child.kill("SIGCONT");
      assert.deepEqual(await program.end(), [0, null], program.errors);
      assert.deepEqual(JSON.parse(program.output), [Array.from({ length: 20 }, (_, n) => n * n), "held", 0]);
    }));

  test(`standard input may be closed, or end (${rung})`, async () => {
    for (const shell of ['exec "$@" <&-', 'exec "$@" < /dev/null']) {
      await withProgram(
        rung,
        "works",
        async (program) => {
          assert.deepEqual(await program.end(), [0, null], program.errors);
          assert.deepEqual([program.output, program.errors], ["[ 1, 4, 9 ]\n", ""]);
          await program.leavesNothing();
        },
        shell,
      );
    }
  });

  test(`a busy pool keeps a program alive that waits for nothing, and an idle one no longer (${rung})`, () =>
    withProgram(rung, "waitsForNothing", async (program) => {
      await program.gate.begun(1);
      program.gate.open();
      assert.deepEqual(await program.end(), [0, null], program.errors);
      assert.equal(program.output, "kept alive\n");
      await program.leavesNothing();
    }));

  for (const [what, outcomes] of [
    ["prints", "fulfilled fulfilled"],
    ["printsAndExits", "rejected rejected"],
  ] as const)
    test(`what workers print is whole and in order, more than a pipe holds, for a reader that is slow: ${what} (${rung})`, () =>
      withProgram(rung, what, async (program) => {
        program.child.stdout?.pause();
        program.child.stderr?.pause();
        setTimeout(() => {
          program.child.stdout?.resume();
          program.child.stderr?.resume();
        }, 200);
        assert.deepEqual(await program.end(), [0, null]);
        const lines = program.output.trimEnd().split("\n");
        assert.ok(lines.includes(outcomes), lines.at(-1));
        for (const worker of ["a", "b"]) {
          assertLines(lines, worker, "out");
          assertLines(program.errors.trimEnd().split("\n"), worker, "error");
        }
      }));
}

/** 5,000 lines of the worker, each whole, in order. */
function assertLines(lines: readonly string[], worker: string, text: string): void {
  const own = lines.filter((line) => line.startsWith(`${worker} `));
  assert.deepEqual(
    own,
    Array.from({ length: 5_000 }, (_, n) => `${worker} ${n} ${text.padEnd(60, ".")}`),
  );
}
