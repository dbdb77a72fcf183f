// Word count in a pipe: generate | dure map words.ts#countWords | add up. No part ever holds the whole text.
import { deepEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ranks, wordOf, WORDS_PER_PIECE } from "./generate.ts";

const PIECES = 500;
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const dure = fileURLToPath(new URL("cli/dure.js", import.meta.resolve("dure")));

const start = performance.now();
// In a shell: node generate.ts 500 | dure map words.ts#countWords --unordered | node add-up.ts
const generate = program(["--import", "tsx", file("generate.ts"), String(PIECES)]);
const map = program([dure, "map", `${file("words.ts")}#countWords`, "--unordered"]);
const addUp = program(["--import", "tsx", file("add-up.ts")]);
generate.stdout!.pipe(map.stdin!);
map.stdout!.pipe(addUp.stdin!);
const commonest = (await text(addUp.stdout!)).trimEnd().split("\n");
const seconds = (performance.now() - start) / 1000;

const expected = new Map<string, number>();
for (const piece of ranks(PIECES)) for (const rank of piece) expected.set(wordOf(rank), (expected.get(wordOf(rank)) ?? 0) + 1);
const counts = [...expected.values()].sort((a, b) => b - a).slice(0, 10);
deepEqual(
  commonest.map((line) => Number(line.split(" ")[1])),
  counts,
);
deepEqual(
  commonest.map((line) => expected.get(line.split(" ")[0] as string)),
  counts,
);
console.log(`${PIECES * WORDS_PER_PIECE} words took ${seconds.toFixed(3)} seconds. The commonest:\n${commonest.join("\n")}`);

function program(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
}
