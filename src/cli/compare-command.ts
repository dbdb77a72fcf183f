// `dure compare MODULE#FN --items FILE`: one function on every rung, with times and advice.

import { Command, InvalidArgumentError } from "commander";
import { createExecutor } from "../index.ts";
import { recommend } from "../measure/advice.ts";
import { compareRungs } from "../measure/compare-rungs.ts";
import type { CompareRequest } from "../measure/compare-rungs.ts";
import type { Comparison } from "../measure/comparison.ts";
import { toJson } from "./comparison-json.ts";
import { toText } from "./comparison-table.ts";
import { exitNow, tellIfEnded } from "./ended-early.ts";
import { EXIT_FAILED, EXIT_OK } from "./exit-codes.ts";
import { readItems } from "./items-file.ts";
import { loadModule } from "./load-module.ts";
import { parseRungs, RUNGS } from "./rungs.ts";
import type { Rung } from "./rungs.ts";
import { createQuietExecutor, keepStandardOutput, say } from "./standard-output.ts";
import { parseTarget, pickFunction } from "./target.ts";

/** More workers than this is a typing mistake: each thread takes some 5 MiB, each process some 40. */
const MOST_WORKERS = 1024;
const WIDEST_LINE = 100;
const WIPE_LINE = "\r\u001B[K";

interface CompareOptions {
  readonly items: string;
  readonly workers?: number;
  readonly rungs: string;
  readonly json?: boolean;
}

/** The command, to be added to the program. */
export function compareCommand(): Command {
  return new Command("compare")
    .summary("run a function on every rung and say which pays")
    .description(
      "Runs a function over the items serially, on the event loop, on threads and on processes; shows the times, checks that all results agree, and says which rung pays and why.",
    )
    .argument("<MODULE#FN>", "the module and its exported function of one item, such as ./my_module.ts#gcd")
    .requiredOption("--items <FILE>", "a JSON array with one element per item, or one JSON value per line; - reads standard input")
    .option("--workers <N>", `threads or processes at most, 1 to ${MOST_WORKERS} (default: the cores that this program may use)`, parseWorkers)
    .option("--rungs <LIST>", "which rungs to run, separated by commas; serial always runs, as the others are compared with it", RUNGS.join(","))
    .option("--json", "print one JSON object instead of the table")
    .addHelpText("after", EXAMPLES)
    .action(async (target: string, options: CompareOptions) => {
      const code = await compare(target, options);
      // What the module holds open, or a call began, must not keep the program.
      exitNow(code);
    });
}

const EXAMPLES = `
Examples:
  $ dure compare examples/gcd/my_module.ts#gcd --items examples/gcd/numbers.json
  $ dure compare ./resize.js#resize --items files.ndjson --workers 4 --rungs threads,processes
  $ jq -c '.[]' big.json | dure compare ./score.ts#score --items - --json`;

async function compare(targetText: string, options: CompareOptions): Promise<number> {
  const target = parseTarget(targetText);
  keepStandardOutput();
  const rungs = parseRungs(options.rungs);
  const fn = pickFunction(target, await loadModule(target.path));
  const items = readItems(options.items);
  const workers = options.workers ?? (await defaultWorkers());
  const request: CompareRequest = {
    functionName: target.exportName,
    job: { fn, count: items.length, copyItems: () => structuredClone(items) },
    rungs: rungs.filter((rung) => rung !== "serial"),
    workers,
    openExecutor: (rung) => createQuietExecutor(specOf(rung as Rung, workers)),
    ...progressOnTerminal(),
  };
  const comparison = await tellIfEnded(`"${target.exportName}"`, EXIT_FAILED, () => compareRungs(request));
  await report(comparison, options.json === true);
  return comparison.runs.every((run) => run.completed && run.agrees) ? EXIT_OK : EXIT_FAILED;
}

function specOf(rung: Rung, workers: number): string {
  return rung === "threads" || rung === "processes" ? `${rung}:${workers}` : rung;
}

/** As the executors count them, so that the command never uses more than a program would. */
async function defaultWorkers(): Promise<number> {
  const executor = createExecutor("threads");
  await executor.shutdown();
  return executor.maxWorkers;
}

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_WORKERS}.`);
  return workers;
}

async function report(comparison: Comparison, asJson: boolean): Promise<void> {
  const recommendation = recommend(comparison);
  if (process.stderr.isTTY) process.stderr.write(WIPE_LINE);
  const width = Math.min(process.stdout.columns ?? WIDEST_LINE, WIDEST_LINE);
  const text = asJson ? JSON.stringify(toJson(comparison, recommendation), undefined, 2) : toText(comparison, recommendation, width);
  await say(text);
}

/** Which rung is running, on one line of the terminal that is wiped when the next one comes. Nothing in a pipe. */
function progressOnTerminal(): Pick<CompareRequest, "onRung"> {
  if (!process.stderr.isTTY) return {};
  return { onRung: (rung) => process.stderr.write(`${WIPE_LINE}running ${rung} ...`) };
}
