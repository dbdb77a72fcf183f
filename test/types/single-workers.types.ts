// What must and what must not compile of `Thread` and `Process`. Never run: the compiler is the test.

import { Process, Thread, type Future } from "dure";
import { exactly } from "./equal.js";

declare function add(a: number, b: number): number;
declare function greet(name: string, greeting?: string): string;
declare function fetchText(url: string): Promise<string>;
declare function identity<T>(value: T): T;
declare function now(): Date;

exactly<Future<number>>()(new Thread(add, [1, 2]).result);
exactly<Future<number>>()(new Process(add, [1, 2]).result);
exactly<Future<string>>()(new Thread(fetchText, ["a"]).result);
exactly<Future<string>>()(new Thread(greet, ["Ada"]).result);
exactly<Future<string>>()(new Thread(greet, ["Ada", "Hello"], { name: "greeter" }).result);
exactly<Future<Date>>()(new Process(now).result);
exactly<Future<Date>>()(new Process(now, [], { daemon: true }).result);
exactly<Future<number>>()(new Thread(identity, [5]).result);
exactly<Future<number>>()(new Thread((a, b) => a * b, [2, 3]).start().result);
exactly<Promise<boolean>>()(new Thread(now).start().join({ timeout: 5 }));
exactly<number | null>()(new Process(now).exitCode);

const tuple: readonly [number, number] = [1, 2];
exactly<Future<number>>()(new Thread(add, tuple).result);

// @ts-expect-error -- too few arguments
void new Thread(add, [1]);
// @ts-expect-error -- none at all
void new Thread(add);
// @ts-expect-error -- the wrong type
void new Process(add, [1, "2"]);
// @ts-expect-error -- too many
void new Thread(add, [1, 2, 3]);
// @ts-expect-error -- a misspelt option
void new Thread(now, [], { deamon: true });
