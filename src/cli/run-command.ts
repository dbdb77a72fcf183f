// `dure run SCRIPT`: runs a program in TypeScript or JavaScript as `node SCRIPT` would, with tsx as its loader if it needs
// one and there is one.

import { readdirSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { Command } from "commander";
import { nearestName } from "../contract/nearest-name.ts";
import { EXIT_USAGE } from "./exit-codes.ts";
import { fileAt } from "./file-at.ts";
import { runInstead } from "./launch.ts";
import { readsTypeScript } from "./reads-typescript.ts";
import { asModule } from "./top-level-await.ts";
import { UsageError } from "./usage-error.ts";
import { resolveTsx, takeSettingsOf } from "./with-tsx.ts";

/** The command, to be added to the program. */
export function runCommand(): Command {
  return new Command("run")
    .summary("run a TypeScript program with nothing to set up")
    .description(
      "Runs a program as node does: the same arguments, streams, signals and exit code. TypeScript, JSX, tsconfig paths and `await using` work on every Node where tsx is installed beside the program; without tsx, what this Node reads by itself.",
    )
    .argument("<SCRIPT>", "the program's file: .ts, .mts, .cts, .tsx, .jsx, .js, .mjs or .cjs")
    .argument("[ARGS...]", "the program's own arguments: all that follows SCRIPT")
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText("after", NOTES)
    .action(async (script: string, args: string[]) => run(script, args));
}

const NOTES = `
Examples:
  $ dure run examples/gcd/run-threads.ts
  $ dure run server.ts --port 8080
  $ NODE_OPTIONS=--enable-source-maps dure run job.ts

Exit codes:
  those of the program; ${EXIT_USAGE} if there is no such file or nothing here can read it`;

async function run(script: string, args: readonly string[]): Promise<void> {
  if (script.startsWith("-")) throw new UsageError(`Unknown option ${script}: options of the program follow its file, those of Node go into NODE_OPTIONS`);
  const path = resolve(script);
  if (!isFile(path)) throw new UsageError(`Cannot run ${script}: there is no such file${suggestion(path)}`);
  const loader = loaderFor(path);
  if (loader.length > 0) takeSettingsOf(path);
  await runInstead([...loader, path, ...args]);
}

/** tsx where it is there, for all that it reads: what works on one Node then works on all. */
function loaderFor(path: string): string[] {
  if (!/\.([cm]?ts|[jt]sx)$/.test(path)) return [];
  const tsx = resolveTsx(path);
  if (tsx !== undefined) return ["--import", tsx, ...asModule(path, tsx)];
  const isReadByNode = readsTypeScript() && !path.endsWith("x");
  if (!isReadByNode)
    throw new UsageError(
      `Cannot run ${basename(path)}: Node ${process.versions.node} does not read ${extname(path)} files. Install tsx beside it: npm i -D tsx${path.endsWith("x") ? "" : ". Or use Node 22.18 or later"}`,
    );
  return [];
}

function isFile(path: string): boolean {
  return fileAt(path)?.isFile() === true;
}

function suggestion(path: string): string {
  if (fileAt(path)?.isDirectory() === true) return ", but a folder";
  try {
    const name = nearestName(basename(path), readdirSync(dirname(path)));
    return name === undefined ? "" : `. Did you mean ${join(dirname(path), name)}?`;
  } catch {
    return "";
  }
}
