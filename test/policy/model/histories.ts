// What can happen to a pool, and how often: random histories for the simulation, and the settings that they happen under.

import { array, boolean, constant, constantFrom, integer, nat, option, record, type Arbitrary } from "fast-check";
import type { PolicySettings } from "#dure/policy/pool-state.js";
import { PLAIN_TRAITS, type TaskTraits } from "#dure/policy/task.js";
import type { Simulation } from "./simulation.ts";

/** One thing that happens; `n` chooses to whom and how. */
export interface Happening {
  readonly name: string;
  readonly n: number;
  readonly given: TaskTraits;
}

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list.length === 0 ? undefined : list[n % list.length];
}

/** The last ones are those that still live. */
function pickLate<T>(list: readonly T[], n: number): T | undefined {
  return list[list.length - 1 - (n % Math.min(list.length, 20))];
}

const HAPPENINGS: Record<string, readonly [weight: number, happen: (s: Simulation, n: number, given: TaskTraits) => void]> = {
  submit: [6, (s, n, given) => s.submit(given, n % 2 === 0 ? "f" : "g", { canBeSent: n % 29 !== 0 })],
  expect: [1, (s) => s.expect()],
  submitMany: [1, (s, n, given) => submitMany(s, 2 + (n % 30), given)],
  submitInside: [3, (s, n, given) => s.submitInside(pick(s.atWork(), n), given)],
  turn: [6, (s) => s.turn()],
  ready: [4, (s, n) => s.ready(pick(s.those("starting"), n))],
  refuse: [1, (s, n) => (n % 6 === 0 ? s.refuse(pick(s.those("starting"), n)) : undefined)],
  unusable: [1, (s, n) => (n % 200 === 0 ? s.tell({ type: "poolUnusable" }) : undefined)],
  goOn: [2, (s) => s.goOn()],
  begin: [6, (s, n) => times(1 + (n % 3), () => s.begin(pick(s.given(), n)))],
  load: [1, (s, n) => s.load(pick(s.given(), n))],
  stick: [3, (s, n) => s.stick(pick(s.atWork(), n), n % 2 === 0)],
  report: [5, (s, n) => s.report(pick(s.atWork(), n), 1 + (n % 4), n % 3 > 0, [0.001, 0.1, 1, 30][n % 4] as number, n % 7 === 0 ? 2_000 : 0)],
  // Rarely: a pool whose workers die as they start breaks, and does nothing more.
  exit: [1, (s, n) => (n % 4 === 0 ? s.exit(pick(s.crew, n)) : undefined)],
  exitAtWork: [1, (s, n) => s.exit(pick(s.atWork(), n))],
  garble: [1, (s, n) => s.garble(pick(s.atWork(), n), 1 + (n % 3))],
  withdraw: [2, (s, n) => s.withdraw(pickLate(s.submitted, n))],
  abort: [2, (s, n) => s.abort(pickLate(s.submitted, n))],
  interject: [3, (s, n, given) => s.interjections.push(() => interject(s, n, given))],
  decide: [3, (s, n) => s.decide([undefined, 0, 10][n % 3])],
  pass: [3, (s, n) => s.pass([1, 5, 60, 1_000][n % 4] as number)],
  shutdown: [1, (s, n) => (n % 8 === 0 ? s.shutdown(n % 16 === 0) : undefined)],
  terminate: [1, (s, n) => (n % 20 === 0 ? s.terminate() : undefined)],
};

function times(count: number, act: () => void): void {
  for (let time = 0; time < count; time += 1) act();
}

/** Tasks of one `map` share their traits. */
function submitMany(simulation: Simulation, count: number, given: TaskTraits): void {
  times(count, () => simulation.submit(given, "f"));
}

/** What callers do where they are asked something. */
function interject(simulation: Simulation, n: number, given: TaskTraits): void {
  if (n % 2 === 0) simulation.submit(given, "f");
  if (n % 7 === 0) simulation.shutdown(n % 3 === 0);
  if (n % 3 === 0) simulation.turn();
  if (n % 5 === 0) simulation.withdraw(pickLate(simulation.submitted, n));
  if (n % 5 === 1) simulation.abort(pickLate(simulation.submitted, n));
  if (n % 11 === 0) simulation.terminate();
  simulation.decide([undefined, 0, 10][n % 3]);
}

export function happen(simulation: Simulation, { name, n, given }: Happening): void {
  HAPPENINGS[name]?.[1](simulation, n, given);
}

const rarely = <T>(arbitrary: Arbitrary<T>, freq = 4): Arbitrary<T | undefined> => option(arbitrary, { nil: undefined, freq });

const traits: Arbitrary<TaskTraits> = record({
  priority: rarely(constantFrom(-1, 1, 2.5)),
  chunkSize: rarely(integer({ min: 1, max: 5 })),
  retryLimit: rarely(integer({ min: 1, max: 5 }), 2),
  timeout: rarely(integer({ min: 1, max: 50 })),
  queueTimeout: rarely(integer({ min: 1, max: 50 })),
  deadlineAt: rarely(integer({ min: 1, max: 500 }), 3),
  sendOnce: rarely(constant(true)),
}).map((given) => ({ ...PLAIN_TRAITS, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }));

const names = Object.entries(HAPPENINGS).flatMap(([name, [weight]]) => Array.from({ length: weight }, () => name));

export const histories: Arbitrary<Happening[]> = array(record({ name: constantFrom(...names), n: nat(10_000), given: traits }), {
  maxLength: 120,
  size: "max",
});

export const settings: Arbitrary<PolicySettings> = record({
  maxWorkers: constantFrom(1, 2, 3, Infinity),
  minWorkers: constantFrom(0, 1),
  idleTimeout: constantFrom(0, 20, Infinity),
  maxQueue: constantFrom(Infinity, Infinity, 3),
  maxTasksPerWorker: constantFrom(Infinity, Infinity, 1, 3),
  maxMemoryPerWorker: constantFrom(Infinity, 1_000),
  hasInitializer: boolean(),
  breaksOnDeath: constantFrom(false, false, false, true),
  abortGrace: constant(30),
  stopGrace: constant(200),
  slots: constantFrom(4, 1024),
  isInThread: boolean(),
});
