// Judges a comparison: which rung pays for this function and these items. Pure; called by the command line and by `advise`. What is
// said about it is in advice-sentences.ts.

import {
  costSentence,
  doubtSentences,
  elsewhereSentence,
  moveSentence,
  paySentence,
  startSentence,
  staySentence,
  unsteadySentence,
} from "./advice-sentences.ts";
import type { Facts } from "./advice-sentences.ts";
import { callSeconds, isFasterWhenStarted, totalSeconds, WORTHWHILE } from "./break-even.ts";
import type { Comparison, CompletedRun, RungRun, TimeUse } from "./comparison.ts";

/** From the simplest to live with to the least simple: of rungs that are equally fast, the first is advised. */
const SIMPLEST_FIRST = ["serial", "async", "threads", "processes"];

/** Below this share of its time, what a function waits is not worth having many calls in flight. */
const SOME_WAITING = 0.1;

/** Which rung to use, and the paragraph that says why. `rung` is `null` if the function failed serially: there is nothing to advise. */
export interface Recommendation {
  readonly rung: string | null;
  readonly reason: string;
}

/** Advises a rung for running these items once, and says from how many items on another would pay. */
export function recommend(comparison: Comparison): Recommendation {
  const { functionName, runs, baseline } = comparison;
  const serial = runs.find((run) => run.rung === "serial");
  if (serial?.completed !== true || baseline === undefined) {
    return { rung: null, reason: `${functionName} fails serially, so there is nothing to compare: mend that first.` };
  }
  if (!serial.agrees) return { rung: "serial", reason: unsteadySentence(functionName) };
  const trusted = runs.filter(isTrustworthy);
  const ownSeconds = callSeconds(baseline, serial, comparison.items);
  const candidates = trusted.filter((run) => canGain(run, ownSeconds, baseline.timeUse));
  const chosen = simplestOfFastest(candidates, totalSeconds);
  return { rung: chosen.rung, reason: paragraph({ comparison, serial, trusted, ...baseline }, chosen, onceStarted(candidates, serial)) };
}

function isTrustworthy(run: RungRun): run is CompletedRun {
  return run.completed && run.agrees;
}

/**
 * Whether a rung has anything to gain from: of tiny calls the times are the executors' own, and the faster one has won
 * nothing. The event loop needs calls that wait, workers need calls that take longer than moving their values.
 */
function canGain(run: CompletedRun, ownSeconds: number, timeUse: TimeUse): boolean {
  if (run.rung === "serial") return true;
  if (run.rung === "async") return timeUse.waiting > SOME_WAITING;
  return ownSeconds >= run.moveSecondsPerItem;
}

/** The simplest rung that nearly reaches the fastest one. `runs` holds one at least. */
function simplestOfFastest(runs: readonly CompletedRun[], secondsOf: (run: CompletedRun) => number): CompletedRun {
  const enough = Math.min(...runs.map(secondsOf)) * WORTHWHILE;
  return runs.filter((run) => secondsOf(run) <= enough).reduce((simplest, run) => (simplicity(run) < simplicity(simplest) ? run : simplest));
}

function simplicity(run: CompletedRun): number {
  const place = SIMPLEST_FIRST.indexOf(run.rung);
  return place === -1 ? SIMPLEST_FIRST.length : place;
}

/** The rung that would pay if its workers had been started for more than these items; `undefined` if none would. */
function onceStarted(candidates: readonly CompletedRun[], serial: CompletedRun): CompletedRun | undefined {
  const fastest = simplestOfFastest(candidates, (run) => run.seconds);
  return isFasterWhenStarted(fastest, serial) ? fastest : undefined;
}

function paragraph(facts: Facts, chosen: CompletedRun, later: CompletedRun | undefined): string {
  const verdict = chosen.rung === "serial" ? staySentence(facts, later) : paySentence(facts, chosen);
  return [costSentence(facts), elsewhereSentence(facts), moveSentence(facts), startSentence(facts), verdict, ...doubtSentences(facts)]
    .filter((sentence) => sentence !== "")
    .join(" ");
}
