// The sentences that advice is made of: each states what was measured, or what follows from it. Pure; called by advice.ts.

import { breakEvenItems, callSeconds, totalSeconds } from "./break-even.ts";
import type { Baseline, Comparison, CompletedRun } from "./comparison.ts";
import { counted, inBytes, inSeconds, inTimes } from "./quantities.ts";

/** Above this share of its time, a function mostly waits (or blocks) rather than computes. */
const MOSTLY = 0.5;
/** Above this share of time lost to other programs, figures vary from run to run by more than what they are to show. */
const BUSY = 0.1;
/** Computing that should stand against moving one item: at ten times, moving costs a tenth. */
const GOOD_RATIO = 10;
/** Above this share, other threads compute for the function; the compiler and the collector of garbage stay below. */
const ELSEWHERE = 0.3;
/** Above this size the bytes themselves cost, so that larger groups of items do not help. */
const LARGE_ITEM_BYTES = 16 * 1024;

/** What the sentences are about. */
export interface Facts extends Baseline {
  readonly comparison: Comparison;
  readonly serial: CompletedRun;
  /** The runs that gave the right results, serial among them. */
  readonly trusted: readonly CompletedRun[];
}

/** What one call costs, and how that stands to what it moves. */
export function costSentence({ comparison, serial, timeUse, leverage }: Facts): string {
  const call = `One call of ${comparison.functionName}`;
  const takes = `${call} takes ${inSeconds(serial.seconds / comparison.items)}`;
  if (timeUse.waiting > MOSTLY) return `${takes} and waits for ${inPercent(timeUse.waiting)} of it instead of computing.`;
  if (timeUse.blocked > MOSTLY) {
    return `${takes} and blocks its thread for ${inPercent(timeUse.blocked)} of it instead of computing.`;
  }
  const perByte = leverage.computeSecondsPerItem / leverage.bytesPerItem;
  return `${call} computes for ${inSeconds(leverage.computeSecondsPerItem)}; its item and its result are ${inBytes(leverage.bytesPerItem)}, so its leverage is ${inSeconds(perByte)} of computing per byte moved.`;
}

/** That the function computes on several threads by itself already. */
export function elsewhereSentence({ timeUse }: Facts): string {
  if (timeUse.elsewhere < ELSEWHERE || timeUse.waiting + timeUse.blocked < MOSTLY) return "";
  return `Meanwhile other threads of this program compute for it, for ${inPercent(timeUse.elsewhere)} of the time: libuv's pool or a native library. Further workers can add no more than the cores that those leave.`;
}

/** What moving an item and its result costs on each rung that moves them. */
export function moveSentence({ trusted }: Facts): string {
  const costs = trusted.filter(hasWorkers).map((run) => `${inSeconds(run.moveSecondsPerItem)} on ${run.rung}`);
  return costs.length === 0 ? "" : `Moving both takes ${costs.join(" and ")}.`;
}

/** What starting the workers costs. */
export function startSentence({ trusted, comparison }: Facts): string {
  const costs = trusted.filter(hasWorkers).map((run) => `${inSeconds(run.startSeconds)} on ${run.rung}`);
  return costs.length === 0 ? "" : `Starting ${counted(comparison.workers, "worker")}, once per executor, takes ${costs.join(" and ")}.`;
}

/** Why `chosen` is better than serial. */
export function paySentence({ comparison, serial }: Facts, chosen: CompletedRun): string {
  const gain = inTimes(serial.seconds / totalSeconds(chosen));
  if (!hasWorkers(chosen)) return `So the event loop pays: with many calls in flight at once it is ${gain} times as fast as serial, and needs no worker.`;
  const items = breakEvenItems(chosen, serial, comparison.items) ?? comparison.items;
  return `So ${chosen.rung} pay for these ${counted(comparison.items, "item")}: ${gain} times as fast as serial, the start included. They pay from about ${counted(items, "item")} on.`;
}

/** Why serial is best for these items, and which rung would be if its start were paid already. */
export function staySentence(facts: Facts, onceStarted: CompletedRun | undefined): string {
  const { comparison, serial } = facts;
  if (comparison.runs.length === 1) return "So stay serial: no other rung was compared.";
  if (onceStarted === undefined) return nothingPaysSentence(facts);
  const items = breakEvenItems(onceStarted, serial, comparison.items) ?? comparison.items;
  const [rung, pay, they] = hasWorkers(onceStarted) ? [onceStarted.rung, "pay", "they pay"] : ["the event loop", "pays", "it pays"];
  return `So for these ${counted(comparison.items, "item")} alone stay serial: starting costs more than it saves. From about ${counted(items, "item")} on ${rung} ${pay}; in a program that keeps its executor ${they} at once, ${inTimes(serial.seconds / onceStarted.seconds)} times as fast.`;
}

function nothingPaysSentence(facts: Facts): string {
  const { comparison, serial, trusted, leverage } = facts;
  const move = Math.min(...trusted.filter(hasWorkers).map((run) => run.moveSecondsPerItem));
  const ownSeconds = callSeconds(facts, serial, comparison.items);
  if (ownSeconds >= move || move === Infinity) {
    return `So nothing pays here: no other rung was clearly faster than serial, even once started.${tooFewSentence(comparison)}`;
  }
  const mend = leverage.bytesPerItem > LARGE_ITEM_BYTES ? "Move less: pass a file name or a range instead of the data." : groupSentence(ownSeconds, move);
  return `So nothing pays: moving an item costs more than computing it, so stay serial. ${mend}`;
}

function groupSentence(ownSeconds: number, move: number): string {
  if (ownSeconds === 0) return "A call this small cannot gain from a worker.";
  const group = Math.ceil(Number(((GOOD_RATIO * move) / ownSeconds).toPrecision(2)));
  return `It could pay if each call did the work of some ${group.toLocaleString("en-US")} items.`;
}

function tooFewSentence({ items, workers }: Comparison): string {
  if (items >= workers && items > 1) return "";
  return ` With so few items this says little: try ${counted(Math.max(2, workers) * 2, "item")} or more.`;
}

/** Why results that vary by themselves can be judged on no rung. */
export function unsteadySentence(functionName: string): string {
  return `${functionName} does not give the same results twice, even serially, so whether the rungs agree cannot be told: it depends on time, on chance or on what earlier calls left behind.`;
}

/** What speaks against rungs that were not considered, and against the figures. */
export function doubtSentences({ comparison, timeUse }: Facts): string[] {
  const differing = comparison.runs.filter((run) => run.completed && !run.agrees).map((run) => run.rung);
  const failed = comparison.runs.filter((run) => !run.completed).map((run) => run.rung);
  return [
    differing.length === 0
      ? ""
      : `Do not use ${differing.join(" or ")}: the results differ from serial, as they do when calls share variables or depend on order, time or chance.`,
    timeUse.outrun < BUSY ? "" : `The figures are rough: for ${inPercent(timeUse.outrun)} of the serial run this machine was busy with other work.`,
    failed.length === 0 ? "" : `It failed on ${failed.join(" and ")}.`,
  ];
}

/** Serial and async run in the caller's thread: nothing moves, and no worker starts. */
function hasWorkers(run: CompletedRun): boolean {
  return run.rung !== "serial" && run.rung !== "async";
}

function inPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
