// What runs in the workers: the user's function between two texts. So parsing and writing JSON take no time of the
// thread that reads and writes, and only strings cross, which is the cheapest crossing there is.

import type { ItemFunction } from "../target.ts";

/** What is wrong with an item or a result, apart from the function: trying again would not help. */
export interface Flaw {
  readonly flaw: string;
}

/** The result as JSON. With times: when the call began, in milliseconds since 1970, how many it took, and the JSON, with spaces between. */
export type Answer = string | Flaw;

/** Takes the JSON of an item. */
export type LineFunction = (this: void, text: string) => Answer | Promise<Answer>;

/** It crosses as its source and `fn`, so it refers to nothing else of this module. */
export function lineFunction(fn: ItemFunction): LineFunction {
  return (text) => {
    const written = (result: unknown): Answer => {
      try {
        if (typeof result === "function" || typeof result === "symbol") return { flaw: `the result is a ${typeof result}, which is not JSON` };
        const json = JSON.stringify(result) ?? "null";
        // What a generator would yield is not in its JSON.
        const isIterator = json === "{}" && typeof (result as Partial<Iterator<unknown>>).next === "function";
        return isIterator ? { flaw: "the result is a generator or another iterator, which is not JSON: put what it yields into an array" } : json;
      } catch (error) {
        return { flaw: `the result cannot be written as JSON: ${String((error as Error | undefined)?.message ?? error).split("\n", 1)[0]}` };
      }
    };
    let item: unknown;
    try {
      item = JSON.parse(text);
    } catch (error) {
      const isBegun = /^\s*[{[]\s*$/.test(text);
      return { flaw: `it is not JSON: ${(error as Error).message}${isBegun ? "; each value stands on one line, as jq -c writes it" : ""}` };
    }
    const result = fn(item);
    return typeof (result as PromiseLike<unknown> | null | undefined)?.then === "function" ? Promise.resolve(result).then(written) : written(result);
  };
}

/** The same, with its times in front of the result. */
export function timedLineFunction(fn: LineFunction): LineFunction {
  return (text) => {
    const [began, start] = [Date.now(), performance.now()];
    const timed = (answer: Answer): Answer => (typeof answer === "string" ? `${began} ${(performance.now() - start).toFixed(3)} ${answer}` : answer);
    const answer = fn(text);
    return typeof answer === "object" && "then" in answer ? answer.then(timed) : timed(answer);
  };
}

/** Takes apart what a timed function answered. */
export function readTimed(answer: string): { readonly startedAt: number; readonly ms: number; readonly json: string } {
  const first = answer.indexOf(" ");
  const second = answer.indexOf(" ", first + 1);
  return { startedAt: Number(answer.slice(0, first)), ms: Number(answer.slice(first + 1, second)), json: answer.slice(second + 1) };
}
