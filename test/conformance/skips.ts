// What some rungs cannot keep, and what they do instead.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SerializationError } from "dure";
import { square } from "../fixtures/arithmetic.js";
import { holdIfGated, spinForever } from "../fixtures/held.js";
import { lengthOf } from "../fixtures/large-values.js";
import type { Rung, Skip } from "./rung.js";
import { withExecutor, withGate } from "./rung.js";

/** Rungs that copy values: an executor cannot be copied, so that a task there cannot submit to the pool that runs it. */
export const nestedCallsAreRefused: Skip = {
  rule: "33",
  reason: "an executor cannot cross to the worker, and the refusal names it",
  refusal: (rung) =>
    withExecutor(rung, { maxWorkers: 1 }, async (executor) => {
      const error = await executor.submit(() => executor.submit(square, 2)).exception();
      assert.ok(error instanceof SerializationError, String(error));
      assert.match(error.message, /executor/);
    }),
};

/** Rungs in the caller's thread have no workers to be configured. */
export const workerOptionsAreRefused: readonly Skip[] = [
  unknownOption("29", "initializer", () => {}),
  unknownOption("30", "maxTasksPerWorker", 2),
  unknownOption("31", "initializer", () => {}),
  unknownOption("32", "idleTimeout", 1),
  unknownOption("45", "abortGrace", 1, "abortGrace: for so long a running task that ignores its signal keeps its worker"),
  unknownOption("45", "env", {}, "a worker that loads the module of an aborted task is kept, and goes on when it is through"),
  unknownOption("48", "env", {}, "timeout does not count while the worker loads the task's module"),
  unknownOption("36", "onWorkerDeath", "break", "with onWorkerDeath break every pending future fails with an error of its own, and so does what comes later"),
];

function unknownOption(rule: string, option: string, value: unknown, fact?: string): Skip {
  return {
    rule,
    ...(fact === undefined ? {} : { fact }),
    reason: `${option} is an option of rungs with workers of their own`,
    refusal: (rung) => assert.throws(() => rung.open({ [option]: value }), { name: "TypeError", message: new RegExp(`unknown option ${option}`) }),
  };
}

/** What only a process can suffer. */
const KILLED_IN_MESSAGES = [
  ["41", "a worker killed while a large message to it is half written costs nothing: the task runs elsewhere, also if its buffer was moved"],
  ["41", "a worker killed while it writes a large result costs that task only"],
] as const;

/** Rungs in the caller's thread: a task that ends the process ends the program, as a plain call would. */
export const exitsEndTheProgram: readonly Skip[] = [
  ["41", "a worker that exits while a large message to it is on its way costs the task that it ran only"],
  ["41", "a large result arrives whole although its worker exits as soon as it is sent"],
  ...KILLED_IN_MESSAGES,
  ["36", "a worker that exits costs its running task only"],
  ["36", "of a batch only the running task is hit"],
  ["36", "a task whose worker died is retried if asked"],
  ["37", "the error names the exit code, the task and the likely cause"],
  ["42", "a task that kills its worker each time is given up"],
  ["44", "process.abort() costs its task only"],
  ["44", "a full heap costs its task only, and is named"],
  ["44", "a killed process is named by its signal"],
].map(([rule, fact]) => ({
  rule: rule as string,
  fact: fact as string,
  reason: "a task that ends the process ends the program, as a plain call would",
  refusal: (rung: Rung) => assert.equal(endOfExitingProgram(rung.name.split(" ")[0] as string), 7),
}));

/** By rung: one run is enough for all cases. */
const exitCodes = new Map<string, number | null>();

/** The exit code of a program whose task exits with 7. */
function endOfExitingProgram(rung: string): number | null {
  const known = exitCodes.get(rung);
  if (known !== undefined) return known;
  const program = fileURLToPath(new URL("../fixtures/exits-in-a-task.js", import.meta.url));
  const { status } = spawnSync(process.execPath, [program, rung]);
  exitCodes.set(rung, status);
  return status;
}

/** Threads hand over memory: a message has arrived whole or was never sent. */
export const messagesAreNeverHalfWritten: readonly Skip[] = KILLED_IN_MESSAGES.map(([rule, fact]) => ({
  rule,
  fact,
  reason: "a message between threads is handed over whole, and no signal reaches a thread alone",
  refusal: (rung) =>
    withGate(rung, { maxWorkers: 1 }, async (executor, gate) => {
      // Stopped while it does not read, as near as a thread comes to it.
      const controller = new AbortController();
      const stopped = executor.with({ signal: controller.signal }).submit(spinForever, gate.folder);
      await gate.begun(1);
      const large = executor.submit(lengthOf, new ArrayBuffer(2 ** 24));
      controller.abort();
      await assert.rejects(stopped, { name: "AbortError" });
      assert.equal(await large, 2 ** 24);
      assert.equal(executor.stats().workersStarted, 2);
    }),
}));

/** Rungs in the caller's thread: nobody can interrupt a synchronous task. */
export const busyLoopsRunToTheirEnd: readonly Skip[] = [
  ["45", "a running synchronous loop reads that it is aborted"],
  ["45", "a running task that ignores its signal is stopped with its worker, which is replaced"],
  ["65", "what was sent behind a long one that lets no other code run ends while it runs"],
  ["46", "aborting a task that computes costs none of those that it was sent with"],
  ["49", "the timeout of a task that computes costs none of those that it was sent with"],
  ["49", "a task that is stuck in native code is out of time no later, and the pool lives"],
  ["49", "a task in a busy loop is stopped by its timeout, and the pool lives"],
].map(([rule, fact]) => ({
  rule: rule as string,
  fact: fact as string,
  reason: "nothing can run in this thread while a synchronous task does",
  refusal: (rung: Rung) =>
    withExecutor(rung, {}, async (executor) => {
      const controller = new AbortController();
      const future = executor.with({ signal: controller.signal }).submit(square, 3);
      assert.equal(await future, 9);
      controller.abort();
      assert.equal(future.state, "done");
    }),
}));

/** The serial rung runs one task at a time. */
export const tasksRunOneByOne: readonly Skip[] = [
  ["23", "unordered yields the fastest first"],
  ["65", "short tasks that were submitted with a long one end while it runs"],
  ["65", "items that travel with a long one end while it runs, whatever chunkSize says"],
].map(([rule, fact]) => ({
  rule: rule as string,
  fact: fact as string,
  reason: "tasks run one after another, in the order of the input",
  refusal: (rung: Rung) =>
    withGate(rung, {}, async (executor, gate) => {
      const results = executor.map(
        holdIfGated,
        [
          [gate.folder, 1],
          [undefined, 2],
        ] as const,
        { ordered: false },
      );
      await gate.begun(1);
      gate.open();
      assert.deepEqual(await results, [1, 2]);
    }),
}));

class Secret {
  readonly #word: string = "word";

  reveal(): string {
    return this.#word;
  }
}

/** Rungs that hand over the caller's own values refuse none of them. */
export const valuesAreTheCallersOwn: readonly Skip[] = [
  {
    rule: "58",
    fact: "an instance with private fields is refused by name",
    reason: "it is the caller's own instance",
    refusal: (rung) =>
      withExecutor(rung, {}, async (executor) => {
        const secret = new Secret();
        assert.equal(await executor.submit((value: Secret) => value, secret), secret);
        assert.equal(await executor.submit((value: Secret) => value.reveal(), secret), "word");
      }),
  },
  {
    rule: "60",
    reason: "there is no other side that it could move to",
    refusal: (rung) =>
      withExecutor(rung, {}, async (executor) => {
        const buffer = new ArrayBuffer(8);
        assert.equal(await executor.with({ transfer: [buffer] }).submit((given: ArrayBuffer) => given, buffer), buffer);
        assert.equal(buffer.byteLength, 8);
      }),
  },
  ...["38", "39", "62"].map((rule) => ({ rule, reason: "the caller's own values need not cross", refusal: capturesAnything })),
  {
    rule: "62a",
    fact: "changing an argument or a captured object after submit changes nothing in the task",
    reason: "the task has the caller's own objects, as a plain call would",
    refusal: (rung) =>
      withExecutor(rung, {}, async (executor) => {
        const argument = { n: 1 };
        const later = executor.submit((value: { n: number }) => value.n, argument);
        argument.n = 2;
        assert.equal(await later, 2);
      }),
  },
];

async function capturesAnything(rung: Rung): Promise<void> {
  await withExecutor(rung, {}, async (executor) => {
    const registry = new WeakMap([[executor, "found"]]);
    assert.equal(await executor.submit((key: typeof executor) => registry.get(key), executor), "found");
  });
}
