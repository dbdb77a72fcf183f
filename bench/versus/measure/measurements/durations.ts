// Which share of the ideal a pool reaches with tasks that compute: of one duration, and of mixed ones. The ideal: each
// task in turn begins on the first free worker, and nothing else takes time.

import type { ContenderPool } from "../../contender.ts";
import { work } from "../../tasks.ts";
import { durationOf, stepsPerMillisecond, warmUp } from "../calibrate.ts";
import { check, middle, openPool, timed } from "../measurement.ts";
import type { Measurement } from "../measurement.ts";

const LONG_ONE_IN = 50;
/** Neither first nor last of its fifty. */
const LONG_PLACE = 17;

export const durations: Measurement = async (setting) => {
  const { workers, duration, report } = setting;
  const pool = await openPool(setting);
  await warmUp(pool, workers);
  for (const milliseconds of [1, 10, 100]) {
    const count = Math.max(workers, Math.round(duration / milliseconds) * workers);
    report(
      `${milliseconds} ms`,
      await shareOfIdeal(
        pool,
        workers,
        Array.from({ length: count }, () => milliseconds),
      ),
    );
  }
  return pool;
};

export const mixed: Measurement = async (setting) => {
  const { workers, count, report } = setting;
  const pool = await openPool(setting);
  await warmUp(pool, workers);
  const tasks = Array.from({ length: count }, (_, index) => (index % LONG_ONE_IN === LONG_PLACE ? 100 : 1));
  report("share", await shareOfIdeal(pool, workers, tasks));
  return pool;
};

async function shareOfIdeal(pool: ContenderPool, workers: number, milliseconds: readonly number[]): Promise<number> {
  const perMillisecond = stepsPerMillisecond();
  const known = new Map([...new Set(milliseconds)].map((duration) => [duration, alone(Math.round(duration * perMillisecond))]));
  const tasks = milliseconds.map((duration) => known.get(duration)!);
  let results: unknown[] = [];
  const took = await timed(async () => void (results = await Promise.all(tasks.map(({ steps }) => pool.run("work", steps)))));
  check(
    results.every((result, index) => result === tasks[index]?.result),
    "the work's last state",
  );
  // The machine may have become quicker since, and nobody is quicker than the ideal.
  for (const task of known.values()) task.duration = Math.min(task.duration, durationAlone(task.steps));
  return (
    idealSchedule(
      tasks.map(({ duration }) => duration),
      workers,
    ) / took
  );
}

interface KnownTask {
  readonly steps: number;
  readonly result: number;
  duration: number;
}

function alone(steps: number): KnownTask {
  return { steps, result: work(steps), duration: durationAlone(steps) };
}

/** Of several the middle one: an interruption does not count. */
function durationAlone(steps: number): number {
  return middle(Array.from({ length: 5 }, () => durationOf(steps)));
}

function idealSchedule(tasks: readonly number[], workers: number): number {
  const free = Array.from({ length: workers }, () => 0);
  for (const duration of tasks) {
    const first = free.indexOf(Math.min(...free));
    free[first] = (free[first] ?? 0) + duration;
  }
  return Math.max(...free);
}
