// Asks for `/primes` again and again, and meanwhile for `/hello`. Tells its parent what it has measured.

import { equal } from "node:assert/strict";
import type { RouteTimes } from "./serve.ts";

const [, , url = "", requests = ""] = process.argv;
const done = new AbortController();

async function time(path: string, expected: string): Promise<number> {
  const begun = performance.now();
  const response = await fetch(url + path);
  equal(await response.text(), expected);
  return performance.now() - begun;
}

async function askForPrimes(): Promise<number[]> {
  const times: number[] = [];
  for (let request = 0; request < Number(requests); request += 1) times.push(await time("/primes", "25997"));
  return times;
}

async function askForHello(): Promise<number[]> {
  const times: number[] = [];
  while (!done.signal.aborted) times.push(await time("/hello", "hello"));
  return times;
}

function summary(times: number[]): RouteTimes {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  return { requests: times.length, p50: at(0.5), p99: at(0.99) };
}

const hello = askForHello();
const primes = await askForPrimes();
done.abort();
process.send?.({ primes: summary(primes), hello: summary(await hello) });
process.disconnect();
