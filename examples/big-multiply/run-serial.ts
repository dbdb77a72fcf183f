import { deepEqual } from "node:assert/strict";
import * as dure from "dure";
import { expectedProduct, multiply } from "./multiply.ts";

// Other numbers as arguments: these take some 35 seconds, nearly all of them for 63 alone, which nothing can divide.
const NUMBERS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [50, 63, 32];

const start = performance.now();
await using pool = new dure.SerialExecutor(); // the only line that differs
const products = await pool.map(multiply, NUMBERS);
const seconds = (performance.now() - start) / 1000;

deepEqual(products, NUMBERS.map(expectedProduct));
console.log(`Took ${seconds.toFixed(3)} seconds`);
