// `dure map MODULE#FN`: the function over every item of a stream, its results as another stream. map/README.md says
// what holds and why.

import { Command, Option } from "commander";
import { exitNow } from "./ended-early.ts";
import { EXIT_BROKEN, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, EXIT_TERMINATED, EXIT_USAGE } from "./exit-codes.ts";
import { loadModule } from "./load-module.ts";
import { parseHalt } from "./map/halt.ts";
import { mapItems } from "./map/map-items.ts";
import type { MapRequest } from "./map/map-items.ts";
import { MOST_WORKERS, parseDuration, wholeNumber } from "./map/option-values.ts";
import { keepStandardOutput } from "./standard-output.ts";
import { parseTarget, pickFunction } from "./target.ts";
import { UsageError } from "./usage-error.ts";

const MANY: number = Number.MAX_SAFE_INTEGER;

/** The command, to be added to the program. */
export function mapCommand(): Command {
  return new Command("map")
    .summary("run a function over a stream of items, in parallel")
    .description(
      "Runs a function over every item of a stream and writes its results, in the order of the items, each as JSON on a line. Reads JSON values, one on each line, or one JSON array, no further ahead than pays; standard output gets results and nothing else.",
    )
    .argument("<MODULE#FN>", "the module and its exported function of one item, such as ./my_module.ts#gcd")
    .option("--items <FILE>", "where the items come from; - is standard input", "-")
    .addOption(
      new Option(
        "--format <FORMAT>",
        "how items follow one another (default: an input that begins with a whole array and holds nothing else is an array)",
      ).choices(["lines", "array"]),
    )
    .option("--executor <SPEC>", "serial, async, threads or processes, such as threads:4", "threads")
    .option("--workers <N>", `workers at most, 1 to ${MOST_WORKERS}: instead of the number in SPEC`, wholeNumber(1, MOST_WORKERS))
    .option("--chunk-size <N>", "items that travel to a worker together (default: from measured time)", wholeNumber(1, 100_000))
    .option("--unordered", "write results as they come")
    .option("--output <FILE>", "where results go; - is standard output (default: -)")
    .addOption(
      new Option("--on-error <WHAT>", "an item that fails or is not JSON stops the run, is skipped, or gives null")
        .choices(["fail", "skip", "null"])
        .default("fail"),
    )
    .option("--halt <WHEN>", "with skip or null: stop at soon,fail=N or now,fail=N failures, or N% of the items; soon lets running items finish", parseHalt)
    .option("--retries <N>", "further attempts after a failure", wholeNumber(0, MANY), 0)
    .option("--timeout <TIME>", "how long one attempt may take: seconds, or 500ms, 2m, 1h", parseDuration)
    .option("--joblog <FILE>", "write a line for each item: number, line, worker, start, seconds, attempts, outcome, ...")
    .option("--resume", "go on where the run with this joblog stopped; begin if there is none")
    .option("--dry-run", "say what would run, and run nothing")
    .option("--no-progress", "show no progress on standard error")
    .option("--json", "failures and the summary as JSON lines on standard error (with --dry-run: on standard output)")
    .addHelpText("after", NOTES)
    .action(async (target: string, options: MapOptions) => {
      const code = await run(target, options);
      // What an item began and nobody could stop, or an input that is still open, must not keep the program.
      exitNow(code);
    });
}

type MapOptions = Omit<MapRequest, "target" | "fn">;

const NOTES = `
Examples:
  $ dure map ./my_module.ts#gcd --items pairs.ndjson > divisors.ndjson
  $ zcat log.ndjson.gz | dure map ./parse.js#parse --on-error skip | jq -c 'select(.status >= 500)'
  $ dure map ./fetch.ts#page --executor async:50 --timeout 10 --retries 3 --items urls.ndjson --output pages.ndjson
  $ dure map ./resize.ts#resize --items files.json --output done.ndjson --joblog job.log --resume

A run that was killed goes on with the same command and --resume: --output FILE (or >> FILE) then holds what an
undisturbed run gives. Into a pipe, the last results before the kill may come twice.
Numbers beyond 2^53 lose digits, as in every JSON.parse: send them as strings.

Exit codes:
  ${EXIT_OK}    every item gave a result
  ${EXIT_FAILED}    an item failed (in this run or the one that it resumes), or --halt stopped the run
  ${EXIT_USAGE}    the command line, the module, the items or the joblog are not what they must be
  ${EXIT_BROKEN}    the run could not go on: unreadable input, a full disk, workers that do not start, an item that ends the program
  ${EXIT_INTERRUPTED}  interrupted by Ctrl-C: the first lets nothing new start and tells running items, the second ends at once
  ${EXIT_TERMINATED}  the same by SIGTERM`;

async function run(targetText: string, options: MapOptions): Promise<number> {
  if (options.resume === true && options.joblog === undefined) throw new UsageError("Cannot resume without a joblog: give --joblog FILE");
  if (options.halt !== undefined && options.onError === "fail")
    throw new UsageError("Cannot halt at a number of failures as --on-error fail stops at the first: give --on-error skip or null");
  const target = parseTarget(targetText);
  keepStandardOutput();
  const fn = pickFunction(target, await loadModule(target.path));
  return mapItems({ ...options, output: options.output === "-" ? undefined : options.output, target, fn });
}
