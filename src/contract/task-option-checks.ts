// The checks of what a task, a map and a wait may be given; executors and combinators call them.

import type { OptionChecker } from "./check-options.ts";
import { abortSignal, anObject, arrayOf, finiteNumber, milliseconds, numberWithin, ofType, oneOf, optionChecker, shown, wholeNumber } from "./check-options.ts";
import type { AsCompletedOptions, GrowingBackoff, MapOptions, RetryOptions, TaskOptions, WaitOptions } from "./options.ts";

const aboveZero = milliseconds({ aboveZero: true });
const zeroOrMore = milliseconds({ aboveZero: false });

const growingBackoff = optionChecker<GrowingBackoff>({
  initial: zeroOrMore,
  factor: numberWithin(1, Infinity),
  maximum: zeroOrMore,
  jitter: numberWithin(0, 1),
});

const retryOptions = optionChecker<RetryOptions>({
  limit: wholeNumber(0, { orInfinity: true }),
  backoff: checkBackoff,
  on: ofType("function"),
});

const taskChecks = {
  signal: abortSignal,
  timeout: aboveZero,
  queueTimeout: aboveZero,
  deadline: aboveZero,
  retries: checkRetries,
  priority: finiteNumber,
  transfer: arrayOf(anObject),
  label: ofType("string"),
};

/** What `with` takes. */
export const taskOptions: OptionChecker<TaskOptions> = optionChecker<TaskOptions>(taskChecks);

/** What `map` and `starmap` take. */
export const mapOptions: OptionChecker<MapOptions> = optionChecker<MapOptions>({
  ...taskChecks,
  chunkSize: wholeNumber(1),
  bufferSize: wholeNumber(1),
  ordered: ofType("boolean"),
  onError: oneOf("throw", "collect"),
});

/** What `wait` takes. */
export const waitOptions: OptionChecker<WaitOptions> = optionChecker<WaitOptions>({
  timeout: zeroOrMore,
  returnWhen: oneOf("FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"),
});

/** What `asCompleted` takes. */
export const asCompletedOptions: OptionChecker<AsCompletedOptions> = optionChecker<AsCompletedOptions>({ timeout: zeroOrMore });

function checkRetries(value: unknown, name: string): void {
  if (typeof value === "number") return wholeNumber(0, { orInfinity: true })(value, name);
  if (typeof value !== "object" || value === null)
    throw new TypeError(`${name} must be a whole number, 0 or more, or an object with a limit, got ${shown(value)}`);
  retryOptions.check(value as RetryOptions, name);
  if ((value as Partial<RetryOptions>).limit === undefined) throw new TypeError(`${name}.limit must be a whole number, 0 or more, got undefined`);
}

function checkBackoff(value: unknown, name: string): void {
  if (typeof value === "function") return;
  if (typeof value === "object" && value !== null) return checkGrowingBackoff(value as GrowingBackoff, name);
  zeroOrMore(value, name);
}

function checkGrowingBackoff(value: GrowingBackoff, name: string): void {
  growingBackoff.check(value, name);
  if (value.initial === undefined) zeroOrMore(value.initial, `${name}.initial`);
}
