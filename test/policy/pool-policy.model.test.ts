// Random histories: whatever happens in whatever order, every task is in exactly one place, ends exactly once, no more
// workers run than may, nobody waits for what will not come, and a pool comes to its end.
// The long form drives more than a million events.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assert as assertProperty, boolean, constantFrom, integer, property, record } from "fast-check";
import { PLAIN_TRAITS, type Task } from "#dure/policy/task.js";
import { isLongForm, SEED } from "../chaos.ts";
import { happen, histories, settings } from "./model/histories.ts";
import { Simulation } from "./model/simulation.ts";

const RUNS = isLongForm ? 60_000 : 1_000;
const CRASH_RUNS = isLongForm ? 5_000 : 100;
const seeded = { seed: SEED, numRuns: RUNS };

let events = 0;
after(() => console.log(`${events} events were told to policies`));

const ENDINGS = {
  shutdown: (s: Simulation): void => s.shutdown(false),
  cancel: (s: Simulation): void => s.shutdown(true),
  terminate: (s: Simulation): void => s.terminate(),
  // An open pool needs no end to finish what it has, and is of use afterwards.
  rest(s: Simulation): void {
    s.comeToRest(() => s.open === 0 && s.crew.every(({ runs }) => runs.length === 0) && s.those("starting").length === 0 && !s.isTurnDue);
    for (const { worker } of s.those("ready")) assert.ok(!worker.isHeld, "an idle pool keeps the program alive");
    const task = s.submit(PLAIN_TRAITS, "f");
    if (task !== undefined) s.comeToRest(() => !s.isOpen(task));
    s.shutdown(false);
  },
};

test(`PoolPolicy loses no task, settles none twice and forgets nothing, whatever happens (seed ${SEED})`, () => {
  const endings = constantFrom(...(Object.keys(ENDINGS) as (keyof typeof ENDINGS)[]));
  assertProperty(
    property(settings, boolean(), histories, endings, (chosen, hasClaims, history, ending) => {
      const simulation = new Simulation(chosen, hasClaims);
      for (const happening of history) happen(simulation, happening);
      ENDINGS[ending](simulation);
      simulation.comeToRest(() => simulation.isClosed);
      assert.equal(simulation.open, 0, "a task was forgotten");
      events += simulation.events;
    }),
    seeded,
  );
});

/** Every worker that is started ends before it begins a task, and the pool waits as long as it likes. */
function failToStart(simulation: Simulation, isReadyFirst: boolean): void {
  simulation.turn();
  for (const simulated of [...simulation.crew]) {
    if (isReadyFirst) simulation.ready(simulated);
    simulation.exit(simulated);
  }
  if (simulation.open > 0 && simulation.timerAt !== Infinity) simulation.pass(Math.max(0, simulation.timerAt - simulation.now));
}

test(`PoolPolicy gives up when no worker comes to anything any more, after few starts (seed ${SEED})`, () => {
  const history = record({ setbacks: integer({ min: 0, max: 4 }), tasks: integer({ min: 1, max: 20 }), isReadyFirst: boolean() });
  assertProperty(
    property(settings, boolean(), history, (chosen, hasClaims, { setbacks, tasks, isReadyFirst }) => {
      const simulation = new Simulation({ ...chosen, maxQueue: Infinity }, hasClaims);
      const first = simulation.submit(PLAIN_TRAITS, "f") as Task;
      const mayBeReady = isReadyFirst && !chosen.breaksOnDeath;
      const isOfInitializer = chosen.hasInitializer && !mayBeReady;
      for (let round = 0; round < Math.min(setbacks, isOfInitializer ? 2 : 4); round += 1) failToStart(simulation, mayBeReady);
      // What has failed so far is forgotten as soon as one task is done.
      simulation.comeToRest(() => !simulation.isOpen(first) && simulation.those("ready").length === simulation.crew.length && !simulation.isTurnDue);
      for (const simulated of [...simulation.crew]) simulation.exit(simulated);
      const [begun, started] = [simulation.now, simulation.started];
      for (let n = 0; n < tasks; n += 1) simulation.submit({ ...PLAIN_TRAITS, retryLimit: 5 }, "f");
      for (let round = 0; round < 10 && simulation.open > 0; round += 1) failToStart(simulation, mayBeReady);
      assert.equal(simulation.open, 0);
      assert.ok(simulation.policy.isBroken, "it goes on for ever");
      // 50 ms, 100, 200 and 400 between five attempts; the first two between three.
      if (!chosen.breaksOnDeath) assert.equal(simulation.now - begun, isOfInitializer ? 150 : 750);
      assert.ok(
        simulation.started - started <= (isOfInitializer ? 3 : 5) * Math.min(chosen.maxWorkers, tasks),
        `${simulation.started - started} workers were started`,
      );
      events += simulation.events;
    }),
    { ...seeded, numRuns: CRASH_RUNS },
  );
});

test(`PoolPolicy gives up every task that takes down whoever runs it, after three workers at most (seed ${SEED})`, () => {
  assertProperty(
    property(settings, boolean(), integer({ min: 1, max: 20 }), integer({ min: 0, max: 6 }), (chosen, hasClaims, tasks, retryLimit) => {
      const simulation = new Simulation({ ...chosen, maxQueue: Infinity, breaksOnDeath: false }, hasClaims);
      for (let n = 0; n < tasks; n += 1) simulation.submit({ ...PLAIN_TRAITS, retryLimit }, "f");
      for (let step = 0; step < 1_000 && simulation.open > 0; step += 1) {
        simulation.turn();
        for (const simulated of [...simulation.crew]) {
          simulation.ready(simulated);
          simulation.begin(simulated);
          if (simulated.begun > 0) simulation.exit(simulated);
        }
        simulation.decide(0);
      }
      assert.equal(simulation.open, 0);
      assert.ok(!simulation.policy.isBroken);
      for (const task of simulation.submitted) assert.equal(task.attempts, Math.min(3, retryLimit + 1));
      events += simulation.events;
    }),
    { ...seeded, numRuns: CRASH_RUNS },
  );
});
