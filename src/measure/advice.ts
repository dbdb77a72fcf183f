// Judges a comparison: which rung pays for this function and these items, and why. Pure; called by the command line.

import { breakEvenItems, isFasterWhenStarted, totalSeconds, WORTHWHILE } from "./break-even.ts";
import type { Comparison, CompletedRun, Leverage, RungRun, TimeUse } from "./comparison.ts";
import { counted, inBytes, inSeconds, inTimes } from "./quantities.ts";

/** From the simplest to live with to the least simple: of rungs that are equally fast, the first is advised. */
const SIMPLEST_FIRST = ["serial", "async", "threads", "processes"];
/** Above this share of the time, the function mostly waits (or blocks) rather than computes. */
const MOSTLY = 0.5;
/** Computing that should stand against moving one item: at ten times, moving costs a tenth. */
const GOOD_RATIO = 10;
/** Above this size the bytes themselves cost, so that larger groups of items do not help. */
const LARGE_ITEM_BYTES = 16 * 1024;

/** Which rung to use, and the paragraph that says why. `rung` is `null` if the function failed serially: there is nothing to advise. */
export interface Recommendation {
  readonly rung: string | null;
  readonly reason: string;
}

/** Advises a rung for running these items once, and says from how many items on another would pay. */
export function advise(comparison: Comparison): Recommendation {
  const { serial, timeUse, leverage } = baselineOf(comparison);
  if (serial === undefined) return { rung: null, reason: `${comparison.functionName} fails serially, so there is nothing to compare: mend that first.` };
  if (!serial.agrees) return { rung: "serial", reason: unsteadyReason(comparison.functionName) };
  const candidates = comparison.runs.filter(isTrustworthy);
  const chosen = simplestOfFastest(candidates, totalSeconds);
  const verdict = chosen.rung === "serial" ? stayReason(comparison, serial, candidates, leverage) : payReason(comparison, serial, chosen);
  const sentences = [
    costSentence(comparison, serial, timeUse, leverage),
    moveSentence(candidates),
    startSentence(candidates, comparison.workers),
    verdict,
    ...doubts(comparison),
  ];
  return { rung: chosen.rung, reason: sentences.filter((sentence) => sentence !== "").join(" ") };
}

interface SerialFacts {
  readonly serial: CompletedRun | undefined;
  readonly timeUse: TimeUse;
  readonly leverage: Leverage;
}

function baselineOf(comparison: Comparison): SerialFacts {
  const serial = comparison.runs.find((run) => run.rung === "serial");
  return {
    serial: serial?.completed === true ? serial : undefined,
    timeUse: comparison.timeUse ?? { waiting: 0, blocked: 0 },
    leverage: comparison.leverage ?? { computeSecondsPerItem: 0, bytesPerItem: 0 },
  };
}

function isTrustworthy(run: RungRun): run is CompletedRun {
  return run.completed && run.agrees;
}

/** The simplest rung that nearly reaches the fastest one. There is always one: serial. */
function simplestOfFastest(runs: readonly CompletedRun[], secondsOf: (run: CompletedRun) => number): CompletedRun {
  const fastest = Math.min(...runs.map(secondsOf));
  const [simplest] = runs.filter((run) => secondsOf(run) <= fastest * WORTHWHILE).toSorted((a, b) => simplicity(a) - simplicity(b));
  return simplest as CompletedRun;
}

function simplicity(run: CompletedRun): number {
  const place = SIMPLEST_FIRST.indexOf(run.rung);
  return place === -1 ? SIMPLEST_FIRST.length : place;
}

function costSentence(comparison: Comparison, serial: CompletedRun, timeUse: TimeUse, leverage: Leverage): string {
  const call = `One call of ${comparison.functionName}`;
  const each = inSeconds(serial.seconds / comparison.items);
  if (timeUse.waiting > MOSTLY) return `${call} takes ${each} and waits for ${inPercent(timeUse.waiting)} of it instead of computing.`;
  if (timeUse.blocked > MOSTLY)
    return `${call} takes ${each} and computes for only ${inPercent(1 - timeUse.waiting - timeUse.blocked)} of it: it blocks its thread, or this machine is busy with other work.`;
  return `${call} computes for ${inSeconds(leverage.computeSecondsPerItem)}; its item and its result are ${inBytes(leverage.bytesPerItem)}${leverageClause(leverage)}.`;
}

function leverageClause({ computeSecondsPerItem, bytesPerItem }: Leverage): string {
  if (bytesPerItem === 0) return "";
  return `, so its leverage is ${inSeconds(computeSecondsPerItem / bytesPerItem)} of computing per byte moved`;
}

function moveSentence(runs: readonly CompletedRun[]): string {
  const costs = runs.filter(hasWorkers).map((run) => `${inSeconds(run.moveSecondsPerItem)} on ${run.rung}`);
  return costs.length === 0 ? "" : `Moving both takes ${costs.join(" and ")}.`;
}

function startSentence(runs: readonly CompletedRun[], workers: number): string {
  const costs = runs.filter(hasWorkers).map((run) => `${inSeconds(run.startSeconds)} on ${run.rung}`);
  return costs.length === 0 ? "" : `Starting ${counted(workers, "worker")}, once per executor, takes ${costs.join(" and ")}.`;
}

/** Serial and async run in the caller's thread: nothing moves, nothing starts. */
function hasWorkers(run: CompletedRun): boolean {
  return run.rung !== "serial" && run.rung !== "async";
}

function payReason(comparison: Comparison, serial: CompletedRun, chosen: CompletedRun): string {
  const gain = inTimes(serial.seconds / totalSeconds(chosen));
  if (chosen.rung === "async") return `So the event loop pays: with many calls in flight at once it is ${gain} times as fast as serial, and needs no worker.`;
  const items = breakEvenItems(chosen, serial, comparison.items) ?? comparison.items;
  return `So ${chosen.rung} pay for these ${counted(comparison.items, "item")}: ${gain} times as fast as serial, the start included. They pay from about ${counted(items, "item")} on.`;
}

function stayReason(comparison: Comparison, serial: CompletedRun, candidates: readonly CompletedRun[], leverage: Leverage): string {
  if (comparison.runs.length === 1) return "So stay serial: no other rung was compared.";
  const faster = candidates.filter((run) => hasWorkers(run) && isFasterWhenStarted(run, serial));
  if (faster.length === 0) return nothingPays(comparison, candidates, leverage);
  const later = simplestOfFastest(faster, (run) => run.seconds);
  const items = breakEvenItems(later, serial, comparison.items) ?? comparison.items;
  return `So for these ${counted(comparison.items, "item")} alone stay serial: starting workers costs more than they save. From about ${counted(items, "item")} on ${later.rung} pay; in a program that keeps its executor they pay at once, ${inTimes(serial.seconds / later.seconds)} times as fast.`;
}

function nothingPays(comparison: Comparison, candidates: readonly CompletedRun[], leverage: Leverage): string {
  const move = Math.min(...candidates.filter(hasWorkers).map((run) => run.moveSecondsPerItem));
  const compute = leverage.computeSecondsPerItem;
  if (!(compute < move)) return `So nothing pays here: no other rung was faster than serial, even with its workers started.${tooFew(comparison)}`;
  const mend = leverage.bytesPerItem > LARGE_ITEM_BYTES ? "Move less: pass a file name or a range instead of the data." : groupMend(compute, move);
  return `So nothing pays: moving an item costs more than computing it, so stay serial. ${mend}`;
}

function groupMend(compute: number, move: number): string {
  const group = compute > 0 ? Math.ceil(Number(((GOOD_RATIO * move) / compute).toPrecision(2))) : Infinity;
  if (!Number.isFinite(group)) return "A call this small cannot gain from a worker.";
  return `It could pay if each call did the work of some ${group.toLocaleString("en-US")} items.`;
}

function tooFew({ items, workers }: Comparison): string {
  return items < workers ? ` With fewer items than workers this says little: try ${counted(workers * 2, "item")} or more.` : "";
}

function unsteadyReason(functionName: string): string {
  return `${functionName} does not give the same results twice, even serially, so whether the rungs agree cannot be told: it depends on time, on chance or on what earlier calls left behind.`;
}

/** What speaks against rungs that were not considered. */
function doubts(comparison: Comparison): string[] {
  const differing = comparison.runs.filter((run) => run.completed && !run.agrees).map((run) => run.rung);
  const failed = comparison.runs.filter((run) => !run.completed).map((run) => run.rung);
  return [
    differing.length === 0
      ? ""
      : `Do not use ${differing.join(" or ")}: the results differ from serial, as they do when calls share variables or depend on order, time or chance.`,
    failed.length === 0 ? "" : `It failed on ${failed.join(" and ")}.`,
  ];
}

function inPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
