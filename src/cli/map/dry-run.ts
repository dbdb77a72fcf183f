// `dure map --dry-run`: what would run, found out without running any of it.

import type { Executor } from "../../contract/executor.ts";
import { EXIT_OK } from "../exit-codes.ts";
import { say } from "../standard-output.ts";
import type { Input } from "./input.ts";
import { JoblogProgress } from "./joblog-progress.ts";
import type { MapRequest } from "./map-items.ts";
import type { RawItem } from "./raw-item.ts";

/** Characters of the first item that are shown. */
const SHOWN = 200;

/** Reads the input to its end, and prints to standard output. Gives the exit code. */
export async function dryRun(request: MapRequest, executor: Executor, input: Input): Promise<number> {
  let first: RawItem | undefined;
  for await (const items of input.portions()) first ??= items[0];
  const done = request.joblog === undefined ? 0 : new JoblogProgress(request.joblog).done;
  const facts = {
    function: request.target.exportName,
    module: request.target.path,
    executor: executor.kind,
    workers: executor.maxWorkers,
    items: input.itemsRead,
    done,
    firstItem: first === undefined ? null : (first.flaw ?? first.text.slice(0, SHOWN)),
  };
  await say(request.json === true ? JSON.stringify(facts) : toText(facts));
  await executor.shutdown();
  return EXIT_OK;
}

function toText(facts: Readonly<Record<string, string | number | null>>): string {
  const labels: Readonly<Record<string, string>> = { done: "done before", firstItem: "first item" };
  return Object.entries(facts)
    .map(([name, value]) => `${`${labels[name] ?? name}:`.padEnd(13)}${value ?? "none"}`)
    .join("\n");
}
