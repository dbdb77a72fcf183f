#!/usr/bin/env node
// The `dure` command: reads the command line, runs the command, turns its outcome into an exit code.

import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { compareCommand } from "./compare-command.ts";
import { doctorCommand } from "./doctor-command.ts";
import { exitNow } from "./ended-early.ts";
import { EXIT_BROKEN, EXIT_OK, EXIT_USAGE } from "./exit-codes.ts";
import { mapCommand } from "./map-command.ts";
import { runCommand } from "./run-command.ts";
import { reasonOf } from "./system-error.ts";
import { UsageError } from "./usage-error.ts";

const EXIT_CODES = `
Exit codes:
  0  all went well
  1  a function failed, or not all is as it should be
  2  the command line, the module or the items are not what they must be
  3  the command could not go on, for example as the disk is full
The help of each command says more.`;

const COMPARE_EXIT_CODES = `
Exit codes:
  0  everything ran and all results agree
  1  the function failed, or results differ between rungs
  2  the command line, the module or the items are not what they must be
  3  what the command says cannot be written`;

endWhenNothingCanBeWritten();
await run();

async function run(): Promise<void> {
  try {
    await program().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    else if (error instanceof UsageError) failUsage(error.message);
    else throw error;
  }
}

function program(): Command {
  const dure = new Command("dure")
    .description("Runs any TypeScript function serially, on the event loop, on threads or on processes, and measures which pays.")
    .version(packageVersion())
    .addHelpText("after", EXIT_CODES)
    // What follows SCRIPT belongs to the program that `dure run` runs.
    .enablePositionalOptions()
    .exitOverride();
  const commands = [compareCommand().addHelpText("after", COMPARE_EXIT_CODES), mapCommand(), runCommand(), doctorCommand()];
  for (const command of commands) dure.addCommand(command.copyInheritedSettings(dure));
  return dure;
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}

function failUsage(message: string): void {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = EXIT_USAGE;
}

/** `dure ... | head` closes our output early: that is no failure of ours, as a full disk is. */
function endWhenNothingCanBeWritten(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") exitNow();
    process.stderr.write(`error: Cannot write to standard output: ${reasonOf(error)}\n`);
    exitNow(EXIT_BROKEN);
  });
  // What is said there has nobody who hears it; what is written to standard output may.
  process.stderr.on("error", () => {});
}
