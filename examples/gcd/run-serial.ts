import { deepEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as dure from "dure";
import { gcd } from "./my_module.ts";

const NUMBERS: [number, number][] = JSON.parse(readFileSync(new URL("numbers.json", import.meta.url), "utf8"));

const start = performance.now();
await using pool = new dure.SerialExecutor(); // the only line that differs
const results = await pool.map(gcd, NUMBERS);
const seconds = (performance.now() - start) / 1000;

deepEqual(results, [1, 1, 5, 1, 32, 1, 14, 9, 1, 9]);
console.log(`Took ${seconds.toFixed(3)} seconds`);
