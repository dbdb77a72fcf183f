// Tries one fault at one stage, while others run and wait in the same pool, and checks what became of all of them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  BrokenExecutorError,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  TimeoutError,
  WorkerLostError,
  type Executor,
  type Future,
  type PoolOptions,
} from "dure";
import { square } from "../fixtures/arithmetic.ts";
import { hold } from "../fixtures/held.ts";
import { Gate, until } from "../gate.ts";
import type { CleanState } from "./left-behind.ts";
import type { Cell, DeathPolicy, Loss, Outcome, RungName } from "./matrix.ts";
import { poolOptions, provoke, provokeEnding, provokeIdle } from "./provoke.ts";
import { assertReported } from "./reports.ts";

/** What the fault hits is known within a second; on a busy machine five times that. */
const KNOWN_WITHIN_MS = 5_000;
/** Three workers are tried before an initializer is given up: each of them ends as one that runs a task. */
const GIVEN_UP_WITHIN_MS: number = 3 * KNOWN_WITHIN_MS;
/** A pool waits for 5 s until it kills a worker that does not end. */
const ENDS_WITHIN_MS = 5_000 + KNOWN_WITHIN_MS;
/** Of a task that nothing but a limit in time can end. */
const DEADLINE_MS = 300;

/** What all pools of a test file have beside. */
let furtherOptions: PoolOptions = {};

export function openAllWith(options: PoolOptions): void {
  furtherOptions = options;
}

export function open(rung: RungName, options: PoolOptions): Executor {
  const all = { ...furtherOptions, ...options };
  return rung === "threads" ? new ThreadPoolExecutor(all) : new ProcessPoolExecutor(all);
}

/** A pool with two workers, of which one is kept busy by a bystander. Serves several cells, until it breaks. */
class Crew {
  readonly pool: Executor;
  readonly gate: Gate = new Gate();
  readonly bystander: Future<string>;

  constructor(rung: RungName, options: PoolOptions) {
    this.pool = open(rung, { maxWorkers: 2, ...options });
    this.bystander = this.pool.submit(hold, this.gate.folder, "undisturbed");
  }

  async close(): Promise<void> {
    this.gate.open();
    // Whether or not it broke.
    await this.bystander.exception();
    await this.pool.shutdown();
    this.gate.remove();
  }
}

export class CellTester {
  readonly #rung: RungName;
  readonly #policy: DeathPolicy;
  readonly #clean: CleanState;
  #crew: Crew | undefined;

  constructor(rung: RungName, policy: DeathPolicy, clean: CleanState) {
    this.#rung = rung;
    this.#policy = policy;
    this.#clean = clean;
  }

  async test(cell: Cell): Promise<void> {
    try {
      await this.#test(cell);
    } catch (error) {
      await this.#crew?.pool.terminate();
      await this.close();
      throw error;
    }
  }

  async #test(cell: Cell): Promise<void> {
    const { stage, outcome } = cell;
    if (outcome.kind === "ends the program") return testDoomedProgram(cell, outcome);
    if (stage === "initializing") return this.#testInitializer(cell);
    if (stage === "ending") return this.#testEnding(cell);
    const crew = await this.#openCrew(cell);
    await (stage === "idle" ? this.#testIdle(crew, cell) : this.#testTask(crew, cell));
    if (crew.pool.stats().state !== "open") await this.close();
  }

  /** Closes the pool that cells have shared, and sees what it has left. */
  async close(): Promise<void> {
    const crew = this.#crew;
    this.#crew = undefined;
    await crew?.close();
    await this.#clean.assertReached();
  }

  async #openCrew({ stage, fault }: Cell): Promise<Crew> {
    this.#crew ??= new Crew(this.#rung, { onWorkerDeath: this.#policy, ...poolOptions(stage, fault) });
    await this.#crew.gate.begun(1);
    return this.#crew;
  }

  async #testTask(crew: Crew, { stage, fault, outcome }: Cell): Promise<void> {
    if (stage === "idle" || stage === "ending") return;
    const { pool, bystander } = crew;
    const lost = pool.stats().workersLost;
    const hit = provoke(outcome.kind === "runs out of time" ? pool.with({ deadline: DEADLINE_MS }) : pool, stage, fault);
    const behind = [pool.submit(square, 3), pool.submit(square, 4)];
    const closed = stage === "draining" ? pool.shutdown() : undefined;
    await within(KNOWN_WITHIN_MS, () => hit.exception());
    if (outcome.kind === "loses the worker" && this.#policy === "break") {
      await assertBroken([hit, bystander, ...behind], outcome.loss);
      if (stage !== "draining") await assertStaysBroken(pool);
    } else {
      await assertHit(hit, outcome);
      await assertUndisturbed(crew, behind);
      assert.equal(pool.stats().workersLost - lost, outcome.kind === "loses the worker" ? 1 : 0);
    }
    await assertReported("reports" in outcome ? outcome.reports : undefined);
    if (closed === undefined) return;
    crew.gate.open();
    await closed;
  }

  async #testIdle(crew: Crew, { fault, outcome }: Cell): Promise<void> {
    const { pool, bystander, gate } = crew;
    const lost = pool.stats().workersLost;
    await provokeIdle(pool, fault, gate.folder);
    if (outcome.kind === "loses the worker") {
      await within(KNOWN_WITHIN_MS, () => until(() => pool.stats().workersLost === lost + 1));
      if (this.#policy === "break") {
        await assertBroken([bystander], outcome.loss);
        return assertStaysBroken(pool);
      }
    }
    await assertReported("reports" in outcome ? outcome.reports : undefined);
    if (outcome.kind === "runs out of time") await assertHit(pool.with({ deadline: DEADLINE_MS }).submit(square, 2), outcome);
    await assertUndisturbed(crew, []);
  }

  async #testInitializer({ stage, fault, outcome }: Cell): Promise<void> {
    const pool = open(this.#rung, { maxWorkers: 2, onWorkerDeath: this.#policy, ...poolOptions(stage, fault) });
    const isEndless = outcome.kind === "runs out of time";
    const hits = [1, 2, 3].map(() => provoke(isEndless ? pool.with({ deadline: DEADLINE_MS }) : pool, "initializing", fault));
    const errors = await within(GIVEN_UP_WITHIN_MS, () => Promise.all(hits.map((hit) => hit.exception())));
    assert.equal(new Set(errors).size, hits.length, "each future has an error of its own");
    if (outcome.kind === "breaks the pool") {
      for (const error of errors) assertBrokenError(error, outcome.message, "DURE_WORKER_START");
      await assertStaysBroken(pool);
    } else for (const hit of hits) await assertHit(hit, outcome);
    await within(KNOWN_WITHIN_MS, () => (isEndless ? pool.terminate() : pool.shutdown()));
    await assertReported(undefined);
    await this.#clean.assertReached();
  }

  async #testEnding({ fault, stage, outcome }: Cell): Promise<void> {
    const pool = open(this.#rung, { maxWorkers: 1, onWorkerDeath: this.#policy, ...poolOptions(stage, fault) });
    await provokeEnding(pool, fault);
    await within(outcome.kind === "delays the end" ? ENDS_WITHIN_MS : KNOWN_WITHIN_MS, () => pool.shutdown());
    assert.deepEqual([pool.stats().failed, pool.stats().workers], [0, 0]);
    await assertReported("reports" in outcome ? outcome.reports : undefined);
    await this.#clean.assertReached();
  }
}

async function within<T>(limitMs: number, body: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const value = await body();
  const took = performance.now() - start;
  assert.ok(took < limitMs, `known after ${Math.round(took)} ms`);
  return value;
}

/** The one future that the fault hits, where the pool goes on. */
async function assertHit(hit: Future<unknown>, outcome: Outcome): Promise<void> {
  const error = await hit.exception();
  switch (outcome.kind) {
    case "is survived":
      return assert.equal(error, null);
    case "runs out of time":
      assert.ok(error instanceof TimeoutError, String(error));
      return assert.equal(error.kind, "deadline");
    case "fails":
      return assertFailure(error as Error & { code?: string }, outcome);
    case "loses the worker":
      assert.equal(hit.attempts, 1);
      return assertLoss(error, outcome.loss);
    default:
      assert.fail(outcome.kind);
  }
}

function assertFailure(error: Error & { code?: string }, outcome: Extract<Outcome, { kind: "fails" }>): void {
  assert.deepEqual([error.name, error.code], [outcome.name, outcome.code], String(error));
  assert.match(error.message, outcome.message);
  if (outcome.cause !== undefined) assert.match((error.cause as Error).message, outcome.cause);
}

function assertLoss(error: unknown, loss: Loss): void {
  assert.ok(error instanceof WorkerLostError, String(error));
  const { exitCode, signal, likelyCause } = error;
  assert.deepEqual({ exitCode, signal, likelyCause }, loss);
  assert.ok(error.message.includes(loss.likelyCause), error.message);
  assert.ok(error.message.includes(loss.signal ?? `exit code ${loss.exitCode}`), error.message);
  if (error.task !== undefined) assert.ok(error.message.includes(JSON.stringify(error.task)), error.message);
}

/** All fail, each with an error object of its own whose cause says how the worker was lost. */
async function assertBroken(futures: readonly Future<unknown>[], loss: Loss): Promise<void> {
  const errors = await Promise.all(futures.map((future) => future.exception()));
  assert.equal(new Set(errors).size, errors.length, "each future has an error of its own");
  for (const error of errors) {
    assertBrokenError(error, new RegExp(loss.likelyCause), "DURE_WORKER_LOST");
    assertLoss((error as Error).cause, loss);
  }
}

function assertBrokenError(error: unknown, message: RegExp, causeCode: string): void {
  assert.ok(error instanceof BrokenExecutorError, String(error));
  assert.match(error.message, message);
  assert.equal((error.cause as { code?: string }).code, causeCode);
}

async function assertStaysBroken(pool: Executor): Promise<void> {
  assert.equal(pool.stats().state, "broken");
  const errors = await Promise.all([pool.submit(square, 2).exception(), pool.submit(square, 3).exception()]);
  for (const error of errors) assert.ok(error instanceof BrokenExecutorError, String(error));
  assert.notEqual(errors[0], errors[1]);
}

/** Those that ran beside the fault, waited behind it, or came later. */
async function assertUndisturbed({ pool, bystander, gate }: Crew, behind: readonly Future<number>[]): Promise<void> {
  assert.deepEqual(await Promise.all(behind), [9, 16].slice(0, behind.length));
  for (const future of behind) assert.equal(future.attempts, 1);
  if (pool.stats().state === "open") {
    assert.equal(bystander.state, "running");
    assert.equal(await pool.submit(square, 5), 25);
    return;
  }
  gate.open();
  assert.equal(await bystander, "undisturbed");
}

async function testDoomedProgram({ rung, stage, fault }: Cell, { signal, isUncertain }: Extract<Outcome, { kind: "ends the program" }>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dure-doomed-"));
  try {
    const program = spawn(process.execPath, [fileURLToPath(new URL("fixtures/doomed-program.js", import.meta.url)), rung, stage, fault, folder], {
      stdio: ["ignore", "inherit", "ignore"],
      env: { ...process.env, TMPDIR: folder },
    });
    const [exitCode, endedBy] = (await once(program, "exit")) as [number | null, string | null];
    if (isUncertain !== true || exitCode !== 0) assert.deepEqual({ exitCode, endedBy }, { exitCode: null, endedBy: signal });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
