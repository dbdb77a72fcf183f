// Runs a function over a small part of its items in this thread, to learn what a call costs before all of them run.

import { performance } from "node:perf_hooks";
import { isThenable, type Job } from "./time-rung.ts";
import { startStretch, type Stretch } from "./time-use.ts";

/** Seconds of sampling that are enough where calls are alike; once to warm up and once to measure. */
const ENOUGH_SECONDS = 0.1;
/** Where they differ, seconds that may be spent to know their mean, or a share of what all items are expected to take, if that is more. */
const MOST_SECONDS = 0.3;
const MOST_SHARE = 0.05;
/** Seconds after which calls that still get quicker are not looked at again. */
const MOST_WARMING = 0.6;
/** The mean is known well enough if its standard error is this share of it. */
const SURE_ENOUGH = 0.04;
/** Calls shorter than this (seconds) are not timed one by one: looking at the clock would be part of them. */
const TIMED_ALONE = 20e-6;
/** Calls that are over sooner than this all together (seconds) tell nothing: a disturbance may be most of it. */
const TIMED_TOGETHER = 1e-3;

/** What calls of a function cost, in seconds for each call. */
export interface Sample {
  /** How long single calls took, in the order of their items; one mean for all if they are too short to be timed alone. */
  readonly durations: readonly number[];
  /** Mean time of a call, and what of it this thread computed and waited. */
  readonly elapsed: number;
  readonly computing: number;
  readonly waiting: number;
  /** What other programs had the processor for meanwhile. */
  readonly outrun: number;
  /** Processor time of other threads of this program: libuv's pool, native libraries. */
  readonly elsewhere: number;
  /** The same with many calls in progress at once, where they wait: the event loop then does for many what it did for one. */
  readonly together: { readonly computing: number; readonly elsewhere: number };
  /** Of the calls, to see what moving them costs. */
  readonly items: readonly unknown[];
  readonly results: readonly unknown[];
}

/** Rejects with what the function throws. */
export async function takeSample(job: Job): Promise<Sample> {
  const order = spread(job.count);
  const single = await callUntilWarm(job, order);
  const isTooShort = single.elapsed < TIMED_ALONE || single.elapsed * single.items.length < TIMED_TOGETHER;
  const sample = isTooShort ? { ...single, ...(await callOften(job, order)) } : single;
  return { ...sample, together: sample.waiting > SOME_WAITING * sample.elapsed ? await callTogether(job, order) : sample };
}

type Alone = Omit<Sample, "together">;

/** Looks at the calls that took this share of the best one have found them as quick as they get: so many in a row, as one may have been disturbed. */
const WARM = 0.95;
const WARM_LOOKS = 2;

/** What streams and promises do for a call is compiled late, so short calls are looked at until they get no quicker. */
async function callUntilWarm(job: Job, order: readonly number[]): Promise<Alone> {
  const begun = performance.now();
  let best = await callSome(job, order);
  const looks = [best];
  // Calls as long as that were measured well enough by the first look; and nobody wants to wait for a second one.
  if (best.elapsed * best.items.length > ENOUGH_SECONDS && best.elapsed > ENOUGH_SECONDS / 10) return best;
  for (let warm = 0; warm < WARM_LOOKS && performance.now() - begun < MOST_WARMING * 1e3; ) {
    const next = await callSome(job, order);
    warm = next.elapsed > WARM * best.elapsed ? warm + 1 : 0;
    if (next.elapsed < best.elapsed) best = next;
    looks.push(next);
  }
  return best.waiting > SOME_WAITING * best.elapsed ? middleOf(looks.slice(-WARM_LOOKS - 1)) : best;
}

/** Calls that wait take longer or shorter by luck: by where the system wakes what they wait for. The best look of several is then not what most are like. */
function middleOf(looks: readonly Alone[]): Alone {
  return looks.toSorted((a, b) => a.elapsed - b.elapsed)[looks.length >> 1] as Alone;
}

/** Seconds of calls that are too short to be timed alone; as many again before, so that what is measured has been compiled. */
const OFTEN_SECONDS = 0.01;
/** Calls between two looks at the clock. */
const UNWATCHED = 64;

/** The same calls again and again. A single look at a few of them would see the clock, and code that was never compiled. */
async function callOften(job: Job, order: readonly number[]): Promise<Omit<Alone, "items" | "results">> {
  const items = job.copyItems();
  await callFor(OFTEN_SECONDS, job, items, order);
  const endStretch = startStretch();
  const calls = await callFor(OFTEN_SECONDS, job, items, order);
  const { elapsed, ...parts } = perCall(endStretch(), calls);
  return { durations: [elapsed], elapsed, ...parts };
}

async function callFor(seconds: number, job: Job, items: readonly unknown[], order: readonly number[]): Promise<number> {
  const end = performance.now() + seconds * 1e3;
  let calls = 0;
  while (performance.now() < end) {
    for (let call = 0; call < UNWATCHED; call += 1, calls += 1) {
      const result = job.fn(items[order[calls % order.length]!]);
      if (isThenable(result)) await result;
    }
  }
  return calls;
}

function perCall({ elapsed, computing, waiting, outrun, elsewhere }: Stretch, calls: number): Omit<Alone, "items" | "results" | "durations"> {
  return { elapsed: elapsed / calls, computing: computing / calls, waiting: waiting / calls, outrun: outrun / calls, elsewhere: elsewhere / calls };
}

/** Calls that the event-loop rung has in progress at once, unless told otherwise. */
const TOGETHER = 64;
const SOME_WAITING = 0.1;

/** The least of several times: the first ones compile. */
async function callTogether(job: Job, order: readonly number[]): Promise<Sample["together"]> {
  let found = { computing: Infinity, elsewhere: Infinity };
  const begun = performance.now();
  for (let time = 0; time < 4 && performance.now() - begun < MOST_SECONDS * 1e3; time += 1) {
    const items = job.copyItems();
    const indexes = order.slice(0, TOGETHER);
    const endStretch = startStretch();
    await Promise.all(indexes.map((index) => job.fn(items[index])));
    const { computing, elsewhere } = endStretch();
    if (computing < found.computing * indexes.length) found = { computing: computing / indexes.length, elsewhere: elsewhere / indexes.length };
  }
  return found;
}

async function callSome(job: Job, order: readonly number[]): Promise<Alone> {
  const items = job.copyItems();
  const calls: { index: number; seconds: number; result: unknown }[] = [];
  const endStretch = startStretch();
  const begun = performance.now();
  let [now, squares] = [begun, 0];
  for (const index of order) {
    const result = job.fn(items[index]);
    calls.push({ index, seconds: 0, result: isThenable(result) ? await result : result });
    const before = now;
    now = performance.now();
    calls[calls.length - 1]!.seconds = (now - before) / 1e3;
    squares += calls[calls.length - 1]!.seconds ** 2;
    if (isEnough((now - begun) / 1e3, squares, calls.length, job.count)) break;
  }
  const parts = perCall(endStretch(), calls.length);
  calls.sort((a, b) => a.index - b.index);
  return {
    ...parts,
    durations: calls.map((call) => call.seconds),
    items: calls.map((call) => items[call.index]),
    results: calls.map((call) => call.result),
  };
}

/** `squares`: the sum of the squares of each call's seconds. */
function isEnough(seconds: number, squares: number, calls: number, count: number): boolean {
  if (seconds < ENOUGH_SECONDS) return false;
  const mean = seconds / calls;
  const variance = Math.max(0, squares / calls - mean ** 2);
  return Math.sqrt(variance / calls) < SURE_ENOUGH * mean || seconds > Math.max(MOST_SECONDS, MOST_SHARE * mean * count);
}

/** All positions below `count`, such that the first few are spread evenly: items often grow, or come in groups. */
export function spread(count: number): number[] {
  const order: number[] = [];
  let step = 2 ** Math.ceil(Math.log2(Math.max(count, 1)));
  if (count > 0) order.push(0);
  for (; step >= 2; step /= 2) for (let index = step / 2; index < count; index += step) order.push(index);
  return order;
}
