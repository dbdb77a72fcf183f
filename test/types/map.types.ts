// What must and what must not compile of `map` and `starmap`. Never run.

import type { Executor, MapOptions, MapResult } from "dure";
import { exactly } from "./equal.js";

declare const executor: Executor;

type Pair = readonly [number, number];
declare function gcd(pair: Pair): number;
declare function gcdOf(a: number, b: number): number;
declare function fetchText(url: string): Promise<string>;
declare function identity<T>(value: T): T;
declare function twice<T>(value: T): [T, T];
declare function log(text: string): void;
declare function optional(a: number, b?: string): boolean;
declare function rest(first: string, ...others: number[]): number;
declare function mutable(pair: [number, number]): number;
declare function needsThis(this: Date, item: number): number;
declare const asyncNumbers: AsyncIterable<number>;

const PAIRS = [
  [1963309, 2265973],
  [2030677, 3814172],
] as const;
const looseLists: [number, number][] = [];
const readonlyLists: readonly Pair[] = PAIRS;

// Results, over every kind of input.
exactly<MapResult<number>>()(executor.map(gcd, PAIRS));
exactly<MapResult<number>>()(executor.map(gcd, looseLists));
exactly<MapResult<number>>()(executor.map(gcd, readonlyLists));
exactly<MapResult<number>>()(executor.map(gcd, new Set(PAIRS)));
exactly<MapResult<string>>()(executor.map(fetchText, ["a", "b"]));
exactly<MapResult<void>>()(executor.map(log, ["a"]));
exactly<MapResult<string>>()(executor.map((n) => String(n), asyncNumbers));
exactly<MapResult<number>>()(executor.map((n) => n * 2, [1, 2, 3]));
exactly<MapResult<number>>()(executor.map((n) => n * 2, [1, 2, 3], { chunkSize: 3 }));
exactly<MapResult<number>>()(executor.map(async (n) => n * 2, new Set([1])));
exactly<MapResult<string>>()(executor.map((character) => character.toUpperCase(), "abc"));
exactly<MapResult<boolean>>()(executor.map(optional, [1, 2]));
exactly<MapResult<number>>()(executor.map(identity, [1, 2]));
exactly<MapResult<[number, number]>>()(executor.map(twice, [1, 2]));
exactly<MapResult<string>>()(executor.map(fetchText, executor.map(String, [1, 2])));
exactly<MapResult<number>>()(executor.with({ priority: 1 }).map(gcd, PAIRS));

// Awaited, and iterated over.
exactly<number[]>()(await executor.map(gcd, PAIRS));
const asPromise: Promise<number[]> = executor.map(gcd, PAIRS);
void asPromise;
for await (const result of executor.map(gcd, PAIRS)) exactly<number>()(result);
for await (const result of executor.map(gcd, PAIRS).stream()) exactly<number>()(result);

// Every outcome.
exactly<MapResult<PromiseSettledResult<number>>>()(executor.map(gcd, PAIRS, { onError: "collect" }));
exactly<MapResult<PromiseSettledResult<string>>>()(executor.map(fetchText, ["a"], { onError: "collect", ordered: false }));
exactly<MapResult<number>>()(executor.map(gcd, PAIRS, { onError: "throw" }));
declare const either: MapOptions;
exactly<MapResult<number | PromiseSettledResult<number>>>()(executor.map(gcd, PAIRS, either));

// Lists of arguments.
exactly<MapResult<number>>()(executor.starmap(gcdOf, PAIRS));
exactly<MapResult<number>>()(executor.starmap(gcdOf, looseLists));
exactly<MapResult<number>>()(executor.starmap(gcdOf, readonlyLists));
exactly<MapResult<number>>()(executor.starmap(gcdOf, [[1, 2]]));
exactly<MapResult<boolean>>()(executor.starmap(optional, [[1], [2, "b"]]));
exactly<MapResult<number>>()(executor.starmap(rest, [["a"], ["b", 1, 2]]));
exactly<MapResult<PromiseSettledResult<number>>>()(executor.starmap(gcdOf, PAIRS, { onError: "collect" }));
exactly<MapResult<number | PromiseSettledResult<number>>>()(executor.starmap(gcdOf, PAIRS, either));

// @ts-expect-error Items of a wrong type.
executor.map(gcd, [1, 2]);
// @ts-expect-error A wrong item among others.
executor.map(fetchText, ["a", 5]);
// @ts-expect-error A function of two arguments: starmap it.
executor.map(gcdOf, [1, 2]);
// @ts-expect-error No items.
executor.map(gcd);
// @ts-expect-error Not iterable.
executor.map(gcd, 5);
// @ts-expect-error The function says that it changes the pair, and this one says that it must not be.
executor.map(mutable, PAIRS);
// @ts-expect-error A function that needs `this`.
executor.map(needsThis, [1]);
// @ts-expect-error An option that does not exist.
executor.map(gcd, PAIRS, { chunksize: 4 });
// @ts-expect-error A word that the option does not know.
executor.map(gcd, PAIRS, { onError: "ignore" });
// @ts-expect-error A list that is too short.
executor.starmap(gcdOf, [[1]]);
// @ts-expect-error A list of a wrong type.
executor.starmap(gcdOf, [["a", "b"]]);
// @ts-expect-error A wrong result type.
const texts: string[] = await executor.map(gcd, PAIRS);
void texts;
