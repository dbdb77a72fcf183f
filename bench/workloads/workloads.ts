// Twelve kinds of work, each a function of one item with items for it. Exported, so that they cross by reference as the
// functions of a program's modules do.

import { createHash, pbkdf2 } from "node:crypto";
import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

/** A function and the items to run it over. */
export interface BenchWorkload {
  readonly name: string;
  readonly kind: string;
  readonly fn: (item: never) => unknown;
  items(): unknown[];
}

export function addOne(x: number): number {
  return x + 1;
}

export function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor += 1) if (n % divisor === 0) return false;
  return true;
}

export function countPrimes(below: number): number {
  let count = 0;
  for (let n = 2; n < below; n += 1) if (isPrime(n)) count += 1;
  return count;
}

export function sumOf(numbers: Float64Array): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

export function madeNumbers(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, index) => Math.sqrt(index));
}

export function report(rows: number): string {
  let text = "";
  for (let row = 0; row < rows; row += 1) text += `${row};${(row * 7919) % 104_729};${Math.sin(row).toFixed(6)}\n`;
  return createHash("sha256").update(text).digest("hex");
}

export async function waits(milliseconds: number): Promise<number> {
  await sleep(milliseconds);
  return milliseconds;
}

const SELF = fileURLToPath(import.meta.url);

export async function readsFile(salt: number): Promise<string> {
  const hash = createHash("sha1").update(String(salt));
  for await (const chunk of createReadStream(SELF)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

export async function waitsAndComputes(below: number): Promise<number> {
  await sleep(10);
  return countPrimes(below);
}

const derive = promisify(pbkdf2);

export async function derivesBeside(salt: number): Promise<string> {
  return (await derive("secret", String(salt), 20_000, 32, "sha256")).toString("hex");
}

export function zips(size: number): number {
  return gzipSync(Buffer.from("the quick brown fox ".repeat(size))).length;
}

const many = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => item(index));

export const WORKLOADS: readonly BenchWorkload[] = [
  { name: "addOne", kind: "tiny", fn: addOne, items: () => many(20_000, (index) => index) },
  { name: "isPrime", kind: "microseconds", fn: isPrime, items: () => many(20_000, (index) => 1_000_003 + index * 2) },
  { name: "countPrimes", kind: "milliseconds", fn: countPrimes, items: () => many(400, () => 20_000) },
  { name: "countPrimes, mixed", kind: "mixed durations", fn: countPrimes, items: () => many(200, (index) => (index % 20 === 7 ? 150_000 : 15_000)) },
  { name: "sumOf", kind: "large arguments", fn: sumOf, items: () => many(60, (index) => new Float64Array(200_000).fill(index)) },
  { name: "madeNumbers", kind: "large results", fn: madeNumbers, items: () => many(60, () => 100_000) },
  { name: "report", kind: "strings", fn: report, items: () => many(100, () => 10_000) },
  { name: "waits", kind: "waits", fn: waits, items: () => many(40, () => 20) },
  { name: "readsFile", kind: "small files", fn: readsFile, items: () => many(400, (index) => index) },
  { name: "waitsAndComputes", kind: "waits, then computes", fn: waitsAndComputes, items: () => many(60, () => 40_000) },
  { name: "derivesBeside", kind: "libuv's threads", fn: derivesBeside, items: () => many(80, (index) => index) },
  { name: "zips", kind: "native, in this thread", fn: zips, items: () => many(120, () => 20_000) },
];
