// What the commands that run code of the user say, and where: standard output is their own, whatever that code prints.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DURE, runDure } from "./run-dure.ts";

const folder = mkdtempSync(join(tmpdir(), "dure-output-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const items = file("items.json", "[1, 2]");
const talkative = file("talkative.mjs", 'console.log("loaded"); setInterval(() => {}, 1000); export const prints = (item) => (console.log("printed"), item);');

const COMMANDS: [name: string, args: string[]][] = [
  ["compare", ["compare", `${talkative}#prints`, "--items", items, "--rungs", "threads,processes", "--workers", "1", "--json"]],
  ["doctor", ["doctor", `${talkative}#prints`, "--items", items, "--call", "--json"]],
  ["map", ["map", `${talkative}#prints`, "--items", items, "--workers", "1"]],
  ["map on processes", ["map", `${talkative}#prints`, "--items", items, "--executor", "processes:1"]],
];
for (const [name, args] of COMMANDS) {
  test(`dure ${name} writes nothing that the module prints to standard output, and ends although the module has a timer`, async () => {
    const { code, stdout, stderr } = await runDure(args);
    assert.equal(code, 0, stderr);
    assert.ok(!/loaded|printed/.test(stdout), stdout);
    assert.match(stderr, /^loaded$/m);
    assert.match(stderr, /^printed$/m);
    if (!name.startsWith("map")) JSON.parse(stdout);
  });
}

const linuxOnly = process.platform === "linux" ? {} : { skip: "/dev/full is Linux's" };
const shell = (command: string): ReturnType<typeof spawnSync> => spawnSync("bash", ["-c", command], { encoding: "utf8" });
for (const args of [
  "doctor",
  "--help",
  `map "${talkative}#prints" --items "${items}" --dry-run`,
  `compare "${talkative}#prints" --items "${items}" --rungs serial`,
]) {
  test(`dure ${args.split(" ")[0]} says in one line that the disk is full, and ends with 3`, linuxOnly, () => {
    const { status, stderr } = shell(`"${process.execPath}" "${DURE}" ${args} 2>&1 > /dev/full | grep error; exit \${PIPESTATUS[0]}`);
    assert.equal(status, 3, String(stderr));
  });
}

test("dure map gives all results also to who no longer reads standard error", linuxOnly, () => {
  const { stdout } = shell(
    `yes x | head -1000 | "${process.execPath}" "${DURE}" map "${talkative}#prints" --executor serial --on-error null 2> >(head -1 >&2) | wc -l`,
  );
  assert.equal(String(stdout).trim(), "1000");
});

const ends = file("ends.mjs", "export const exits = () => process.exit(5); export const never = () => new Promise(() => {});");
const ENDED: [fact: string, args: string[], code: number, message: RegExp][] = [
  [
    "dure map that an item ends the program",
    ["map", `${ends}#exits`, "--executor", "async", "--items", items],
    3,
    /^error: "exits" ended the program, with exit code 5$/m,
  ],
  [
    "dure map that an item never ends",
    ["map", `${ends}#never`, "--executor", "serial", "--items", items],
    3,
    /^error: "never" waits for something that never comes$/m,
  ],
  ["dure compare that a call ends the program", ["compare", `${ends}#exits`, "--items", items], 1, /^error: "exits" ended the program, with exit code 5$/m],
  [
    "dure doctor that a call ends the program",
    ["doctor", `${ends}#exits`, "--items", items, "--call"],
    1,
    /^error: "exits" ended the program, with exit code 5$/m,
  ],
  [
    "dure map that a module ends the program",
    ["map", `${file("exits.mjs", "process.exit(0);")}#none`],
    2,
    /^error: the module .*exits\.mjs ended the program, with exit code 0$/m,
  ],
  [
    "dure map that a module never loads",
    ["map", `${file("waits.mjs", "await new Promise(() => {});")}#none`],
    2,
    /^error: the module .*waits\.mjs waits for something that never comes$/m,
  ],
];
for (const [fact, args, expected, message] of ENDED) {
  test(fact.replace(" that", " says that"), async () => {
    const { code, stderr } = await runDure(args);
    assert.match(stderr, message);
    assert.equal(code, expected);
  });
}
