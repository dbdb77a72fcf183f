// Judges a comparison: which rung pays for this function and these items. Pure; called by the command line. What is
// said about it is in advice-sentences.ts.

import { costSentence, doubtSentences, moveSentence, paySentence, startSentence, staySentence, unsteadySentence } from "./advice-sentences.ts";
import type { Facts } from "./advice-sentences.ts";
import { isFasterWhenStarted, totalSeconds, WORTHWHILE } from "./break-even.ts";
import type { Comparison, CompletedRun, RungRun } from "./comparison.ts";

/** From the simplest to live with to the least simple: of rungs that are equally fast, the first is advised. */
const SIMPLEST_FIRST = ["serial", "async", "threads", "processes"];

/** Below this share of time spent waiting, the event loop has nothing to gain: what it seems to save is only our own work. */
const SOME_WAITING = 0.1;

/** Which rung to use, and the paragraph that says why. `rung` is `null` if the function failed serially: there is nothing to advise. */
export interface Recommendation {
  readonly rung: string | null;
  readonly reason: string;
}

/** Advises a rung for running these items once, and says from how many items on another would pay. */
export function advise(comparison: Comparison): Recommendation {
  const { functionName, runs, baseline } = comparison;
  const serial = runs.find((run) => run.rung === "serial");
  if (serial?.completed !== true || baseline === undefined) {
    return { rung: null, reason: `${functionName} fails serially, so there is nothing to compare: mend that first.` };
  }
  if (!serial.agrees) return { rung: "serial", reason: unsteadySentence(functionName) };
  const candidates = runs.filter(isTrustworthy).filter((run) => run.rung !== "async" || baseline.timeUse.waiting > SOME_WAITING);
  const chosen = simplestOfFastest(candidates, totalSeconds);
  return { rung: chosen.rung, reason: paragraph({ comparison, serial, candidates, ...baseline }, chosen) };
}

function isTrustworthy(run: RungRun): run is CompletedRun {
  return run.completed && run.agrees;
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

function paragraph(facts: Facts, chosen: CompletedRun): string {
  const verdict = chosen.rung === "serial" ? staySentence(facts, fastestOnceStarted(facts)) : paySentence(facts, chosen);
  return [costSentence(facts), moveSentence(facts), startSentence(facts), verdict, ...doubtSentences(facts)].filter((sentence) => sentence !== "").join(" ");
}

/** The rung that would pay if its workers had been started for more than these items; `undefined` if none would. */
function fastestOnceStarted({ serial, candidates }: Facts): CompletedRun | undefined {
  const fastest = simplestOfFastest(candidates, (run) => run.seconds);
  return isFasterWhenStarted(fastest, serial) ? fastest : undefined;
}
