// What dure map shows on a terminal: `script` gives the command one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DURE } from "../run-dure.ts";

const FUNCTIONS = fileURLToPath(new URL("../fixtures/map-functions.js", import.meta.url));
const withScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux")
  ? {}
  : { skip: "there is no `script` of util-linux" };

/** All that appears, in lines as they are left on the screen. */
function screenOf(command: string, input = ""): string[] {
  const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], { input, encoding: "utf8" });
  // What was there before a line was wiped is not seen.
  return stdout.split(/\r?\n/).map((line) => line.split("\r\u001B[K").at(-1) as string);
}

const map = (name: string, args: string): string => `"${process.execPath}" "${DURE}" map "${FUNCTIONS}#${name}" --executor async:1 ${args}`;

test("results and what tasks print have their own lines on a terminal with a progress bar", withScript, () => {
  const screen = screenOf(`printf '1\\n2\\n3\\n' | ${map("printsBehindBar", "")}`);
  assert.deepEqual(screen.slice(0, 6), ["prints 1", "1", "prints 2", "2", "prints 3", "3"], screen.join("\n"));
});

test("a line that a task has begun is not wiped by the progress bar", withScript, () => {
  const screen = screenOf(`echo 1 | ${map("printsInParts", "")}`);
  assert.deepEqual(screen.slice(0, 2), ["begun, ended", "1"], screen.join("\n"));
});

test("dure map says what it waits for when the items are typed, and shows no bar there", withScript, () => {
  const screen = screenOf(map("increment", ""), "1\n\u0004");
  assert.match(screen.join("\n"), /^note: reading items from the terminal, .*Ctrl-D/m);
  assert.ok(!screen.some((line) => line.includes("items,")), screen.join("\n"));
});
