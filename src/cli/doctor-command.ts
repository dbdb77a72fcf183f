// `dure doctor [MODULE#FN]`: whether a function and its items cross to each rung, and what the machine offers.

import { Command } from "commander";
import type { DoctorReport, FunctionReport } from "./doctor/report.ts";
import { exitNow, tellIfEnded } from "./ended-early.ts";
import { EXIT_BROKEN, EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./exit-codes.ts";
import { readItems } from "./items-file.ts";
import { loadModule } from "./load-module.ts";
import { keepStandardOutput, say } from "./standard-output.ts";
import { parseTarget, pickFunction } from "./target.ts";
import { UsageError } from "./usage-error.ts";

interface DoctorOptions {
  readonly items?: string;
  readonly call?: boolean;
  readonly json?: boolean;
}

/** The command, to be added to the program. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .summary("say whether a function can cross to each rung, and what the machine offers")
    .description(
      "Says how a function would cross to a worker, which variables it takes along and how large they are; sends it, and its items, to a worker of each rung; and says why something cannot cross and what to do. Without MODULE#FN it describes the machine.",
    )
    .argument("[MODULE#FN]", "the module and its exported function, such as ./my_module.ts#gcd")
    .option("--items <FILE>", "a JSON array with one element per item, or one JSON value per line; - reads standard input")
    .option("--call", "also call the function with each item, on each rung")
    .option("--json", "print one JSON object instead of text")
    .addHelpText("after", NOTES)
    .action(async (target: string | undefined, options: DoctorOptions) => {
      const code = await doctor(target, options);
      // What the module holds open, or a call began, must not keep the program.
      exitNow(code);
    });
}

const NOTES = `
Examples:
  $ dure doctor
  $ dure doctor ./my_module.ts#gcd --items numbers.json
  $ dure doctor ./score.js#score --items items.ndjson --call --json

Exit codes:
  ${EXIT_OK}  the function and all items cross to every rung
  ${EXIT_FAILED}  something does not
  ${EXIT_USAGE}  the command line, the module or the items are not what they must be
  ${EXIT_BROKEN}  what the command says cannot be written`;

async function doctor(targetText: string | undefined, options: DoctorOptions): Promise<number> {
  if (targetText === undefined && (options.items !== undefined || options.call === true))
    throw new UsageError(`Cannot try ${options.call === true ? "calls" : "items"} without a function: name it as MODULE#FN`);
  if (options.call === true && options.items === undefined) throw new UsageError("Cannot call the function without items: give --items FILE");
  const examined = targetText === undefined ? undefined : await examine(targetText, options);
  const { examineMachine } = await import("./doctor/machine.ts");
  const report: DoctorReport = { machine: await examineMachine(), ...(examined && { function: examined }) };
  const { toText } = await import("./doctor/report.ts");
  await say(options.json === true ? JSON.stringify(report, undefined, 2) : toText(report));
  return examined === undefined || isWell(examined) ? EXIT_OK : EXIT_FAILED;
}

async function examine(targetText: string, options: DoctorOptions): Promise<FunctionReport> {
  const target = parseTarget(targetText);
  keepStandardOutput();
  const fn = pickFunction(target, await loadModule(target.path));
  const items = options.items === undefined ? [] : readItems(options.items);
  // Loaded here: the other commands need nothing of the codec.
  const { explain } = await import("../codec/functions/explain.ts");
  const { examineRungs } = await import("./doctor/examine.ts");
  const explanation = explain(fn, "separate");
  const examination = { fn, items, shouldCall: options.call === true, isRefused: explanation.refusal !== undefined };
  const rungs = await tellIfEnded(`"${target.exportName}"`, EXIT_FAILED, () => examineRungs(examination));
  return { name: target.exportName, ...explanation, items: items.length, rungs };
}

function isWell({ refusal, captures, rungs, items }: FunctionReport): boolean {
  if (refusal !== undefined || captures.some((capture) => capture.refusal !== undefined)) return false;
  return rungs.every((rung) => rung.crosses && (rung.items ?? items) === items && (rung.calls ?? items) === items);
}
