// What must and what must not compile of `submit`. Never run: the compiler is the test, and a line that is expected
// not to compile but does is an error, too.

import type { Executor, Future } from "dure";
import { exactly } from "./equal.js";

declare const executor: Executor;

declare function add(a: number, b: number): number;
declare function greet(name: string, greeting?: string): string;
declare function sum(...numbers: number[]): number;
declare function fetchText(url: string): Promise<string>;
declare function log(text: string): void;
declare function identity<T>(value: T): T;
declare function pairOf<K extends string, V>(key: K, value: V): { key: K; value: V };
declare function parse(text: string): number;
declare function parse(bytes: Uint8Array): string;
declare function area(size: readonly [width: number, height: number]): number;
declare function withDefault(a: number, b?: number): number;
declare function fails(): never;
declare function narrow(direction: "left" | "right"): 1 | -1;

declare class Counter {
  count: number;
  increment(by: number): number;
  strict(this: Counter, by: number): number;
  arrow: (by: number) => number;
  static create(count: number): Counter;
}
declare const counter: Counter;
declare function needsThis(this: Counter, by: number): number;
declare function declaresNoThis(this: void, by: number): number;

// Results are awaited and exact.
exactly<Future<number>>()(executor.submit(add, 1, 2));
exactly<Future<string>>()(executor.submit(fetchText, "a"));
exactly<Future<void>>()(executor.submit(log, "a"));
exactly<Future<never>>()(executor.submit(fails));
exactly<Future<1 | -1>>()(executor.submit(narrow, "left"));
const asPromise: Promise<number> = executor.submit(add, 1, 2);
void asPromise;
exactly<Future<number>>()(executor.with({ timeout: 5 }).submit(add, 1, 2));

// Optional, default and rest parameters.
exactly<Future<string>>()(executor.submit(greet, "Ada"));
exactly<Future<string>>()(executor.submit(greet, "Ada", "Hello"));
exactly<Future<number>>()(executor.submit(sum));
exactly<Future<number>>()(executor.submit(sum, 1, 2, 3));
exactly<Future<number>>()(executor.submit(withDefault, 1));

// Lambdas take their parameters' types from the arguments.
exactly<Future<number>>()(executor.submit((a, b) => a * b, 2, 3));
exactly<Future<string>>()(executor.submit(async (name) => `Hello ${name}`, "Ada"));
exactly<Future<number>>()(executor.submit(() => 5));

// Generic functions are instantiated by their arguments.
exactly<Future<number>>()(executor.submit(identity, 5));
exactly<Future<number>>()(executor.submit(identity<number>, 5));
exactly<Future<{ key: "a"; value: number }>>()(executor.submit(pairOf<"a", number>, "a", 1));

// Of overloads, the last one counts.
exactly<Future<string>>()(executor.submit(parse, new Uint8Array(1)));
// @ts-expect-error The first overload takes a string, and only the last is seen.
executor.submit(parse, "5");

// Readonly tuples and `as const`.
exactly<Future<number>>()(executor.submit(area, [1, 2] as const));
exactly<Future<number>>()(executor.submit(area, [1, 2]));

// @ts-expect-error A wrong argument.
executor.submit(add, 1, "2");
// @ts-expect-error A missing argument.
executor.submit(add, 1);
// @ts-expect-error No argument at all.
executor.submit(fetchText);
// @ts-expect-error A literal that the function does not take.
executor.submit(narrow, "up");
// @ts-expect-error A wrong rest argument.
executor.submit(sum, 1, "2");
// @ts-expect-error Too many arguments.
executor.submit(add, 1, 2, 3);
// @ts-expect-error No function.
executor.submit(5);
// @ts-expect-error A wrong result type.
const text: Future<string> = executor.submit(add, 1, 2);
void text;

// A function that needs `this` would get none.
// @ts-expect-error It declares what `this` is.
executor.submit(needsThis, 1);
// @ts-expect-error A method that declares its `this`, unbound.
executor.submit(counter.strict, 1);
exactly<Future<number>>()(executor.submit(declaresNoThis, 1));
exactly<Future<number>>()(executor.submit(needsThis.bind(counter), 1));
exactly<Future<number>>()(executor.submit(counter.strict.bind(counter), 1));
exactly<Future<number>>()(executor.submit((by) => counter.increment(by), 1));
exactly<Future<number>>()(executor.submit(counter.arrow, 1));
exactly<Future<Counter>>()(executor.submit(Counter.create, 1));
// A method that declares no `this` cannot be told from a function: it compiles, and is refused at run time.
exactly<Future<number>>()(executor.submit(counter.increment, 1));

// What users do not do with futures.
declare const future: Future<number>;
// @ts-expect-error A future cannot be settled from outside.
future.resolve(5);
// @ts-expect-error Nor is its state writable.
future.state = "done";
exactly<Promise<number>>()(future.result({ timeout: 5 }));
exactly<Promise<unknown>>()(future.exception());
future.addDoneCallback((ended) => exactly<Future<number>>()(ended));
