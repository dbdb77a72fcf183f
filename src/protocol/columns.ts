// How the tasks and the outcomes of a message lie side by side: their numbers in one array, their values in another.
// Structured clone takes a tenth of the time for these that it takes for an array of tuples, and a typed array is copied
// as one block. Both sides write and read them here; who handles single tasks uses the tuples.

import type { WireOutcome, WireTask } from "./messages.ts";

/** A typed array costs more than a plain one until it holds some. */
type Numbers = readonly number[] | Float64Array;

/** From so many on. */
const MANY = 16;

/** The tasks of a `run` message. */
export interface TaskColumns {
  /** For each task: its id, its claim slot or -1, its function's id, its attempt, in what form its arguments are, and whether its pool may stop it (1 or 0). */
  readonly numbers: Numbers;
  /** The arguments of the first task, then those of the second, and so on. */
  readonly values: readonly unknown[];
  /** Of the tasks that have one, by their place in the message. */
  readonly labels?: Readonly<Record<number, string>>;
}

const TASK_WIDTH = 6;
/** How a task's arguments lie among the values. Below 0: one value holds all of them. From 0 on: so many values are one argument each. */
export type ArgumentForm = number;

const LISTED = -1;
const CODED = -2;
/** Longer lists of arguments stay lists. */
const MOST_SPREAD = 16;

export const NO_TASKS: TaskColumns = { numbers: [], values: [] };

export class TaskWriter {
  readonly #numbers: number[] | Float64Array;
  readonly #values: unknown[] = [];
  #labels: Record<number, string> | undefined;
  #count = 0;

  /** `count`: how many tasks will be added. */
  constructor(count: number) {
    // An array that grows takes memory for many, and most messages are of one task.
    this.#numbers = count === 1 ? [0, 0, 0, 0, 0, 0] : count < MANY ? [] : new Float64Array(count * TASK_WIDTH);
  }

  /** Adds a task whose arguments have just been written, in this form. */
  add(taskId: number, slot: number, functionId: number, attempt: number, form: ArgumentForm, isStoppable: boolean, label: string | undefined): void {
    const numbers = this.#numbers;
    const at = this.#count * TASK_WIDTH;
    numbers[at] = taskId;
    numbers[at + 1] = slot;
    numbers[at + 2] = functionId;
    numbers[at + 3] = attempt;
    numbers[at + 4] = form;
    numbers[at + 5] = isStoppable ? 1 : 0;
    if (label !== undefined) (this.#labels ??= {})[this.#count] = label;
    this.#count += 1;
  }

  /** Writes the only argument of a task. */
  writeArgument(value: unknown): ArgumentForm {
    this.#values.push(value);
    return 1;
  }

  writeArguments(args: unknown, isCoded: boolean): ArgumentForm {
    const values = this.#values;
    if (isCoded || !Array.isArray(args) || args.length > MOST_SPREAD) {
      values.push(args);
      return isCoded ? CODED : LISTED;
    }
    for (let index = 0; index < args.length; index += 1) values.push(args[index]);
    return args.length;
  }

  get columns(): TaskColumns {
    const columns = { numbers: this.#numbers, values: this.#values };
    return this.#labels === undefined ? columns : { ...columns, labels: this.#labels };
  }
}

/** Goes through the tasks of a message, one after another; what it says is of the one that it has come to. */
export class TaskReader {
  readonly #columns: TaskColumns;
  #at = -TASK_WIDTH;
  /** Where the arguments of the task begin among the values, and how many values these are. */
  #valuesFrom = 0;
  #width = 0;

  constructor(columns: TaskColumns) {
    this.#columns = columns;
  }

  get hasNext(): boolean {
    return this.#at + TASK_WIDTH < this.#columns.numbers.length;
  }

  advance(): void {
    this.#at += TASK_WIDTH;
    this.#valuesFrom += this.#width;
    this.#width = this.#form < 0 ? 1 : this.#form;
  }

  /** Of the one that comes next, if any does. */
  get nextTaskId(): number | undefined {
    return this.#columns.numbers[this.#at + TASK_WIDTH];
  }

  get taskId(): number {
    return this.#columns.numbers[this.#at] as number;
  }

  get slot(): number {
    return this.#columns.numbers[this.#at + 1] as number;
  }

  get functionId(): number {
    return this.#columns.numbers[this.#at + 2] as number;
  }

  get attempt(): number {
    return this.#columns.numbers[this.#at + 3] as number;
  }

  get isCoded(): boolean {
    return this.#form === CODED;
  }

  get isStoppable(): boolean {
    return this.#columns.numbers[this.#at + 5] === 1;
  }

  /** The list of arguments, or what it must be unpacked from. */
  get args(): unknown {
    const { values } = this.#columns;
    if (this.#form < 0) return values[this.#valuesFrom];
    if (this.#form === 1) return [values[this.#valuesFrom]];
    return values.slice(this.#valuesFrom, this.#valuesFrom + this.#width);
  }

  get label(): string | undefined {
    return this.#columns.labels?.[this.#at / TASK_WIDTH];
  }

  get #form(): number {
    return this.#columns.numbers[this.#at + 4] as number;
  }

  /** Whether a task is among those that it has not come to. */
  isAhead(taskId: number): boolean {
    const { numbers } = this.#columns;
    for (let at = this.#at + TASK_WIDTH; at < numbers.length; at += TASK_WIDTH) if (numbers[at] === taskId) return true;
    return false;
  }
}

export function columnsOfTasks(tasks: readonly WireTask[]): TaskColumns {
  const writer = new TaskWriter(tasks.length);
  for (const [taskId, slot, functionId, args, isCoded, attempt, label, isStoppable = false] of tasks) {
    writer.add(taskId, slot, functionId, attempt, writer.writeArguments(args, isCoded), isStoppable, label);
  }
  return writer.columns;
}

export function tasksOf(columns: TaskColumns): WireTask[] {
  const tasks: WireTask[] = [];
  const reader = new TaskReader(columns);
  while (reader.hasNext) {
    reader.advance();
    const task = [reader.taskId, reader.slot, reader.functionId, reader.args, reader.isCoded, reader.attempt] as const;
    if (reader.isStoppable) tasks.push([...task, reader.label, true]);
    else tasks.push(reader.label === undefined ? task : [...task, reader.label]);
  }
  return tasks;
}

/** Whether the arguments of one of the tasks are more than data. */
export function hasCodedTask({ numbers }: TaskColumns): boolean {
  for (let at = 0; at < numbers.length; at += TASK_WIDTH) if (numbers[at + 4] === CODED) return true;
  return false;
}

/** The outcomes of a `finished` message. */
export interface OutcomeColumns {
  /** For each outcome: its task's id, how it ended, and the milliseconds that the call took. */
  readonly numbers: Numbers;
  /** One for each: the packed result or error. */
  readonly values: readonly unknown[];
}

const OUTCOME_WIDTH = 3;
/** How a task ended: the sum of these that hold. */
const IS_CODED = 1;
const HAS_FAILED = 2;

/** Never written to. */
const NO_NUMBERS: number[] = [];
const NO_VALUES: unknown[] = [];

export class OutcomeWriter {
  #numbers: number[] = NO_NUMBERS;
  #values: unknown[] = NO_VALUES;

  get count(): number {
    return this.#values.length;
  }

  add(taskId: number, ok: boolean, value: unknown, isCoded: boolean, durationMs: number): void {
    const end = (ok ? 0 : HAS_FAILED) + (isCoded ? IS_CODED : 0);
    if (this.#values.length === 0) {
      // An array that grows takes memory for many, and most messages are of one outcome.
      this.#numbers = [taskId, end, durationMs];
      this.#values = [value];
      return;
    }
    this.#numbers.push(taskId, end, durationMs);
    this.#values.push(value);
  }

  /** The one added last. */
  get latest(): WireOutcome {
    const at = this.#numbers.length - OUTCOME_WIDTH;
    const end = this.#numbers[at + 1] as number;
    return [this.#numbers[at] as number, end < HAS_FAILED, this.#values.at(-1), (end & IS_CODED) !== 0, this.#numbers[at + 2] as number];
  }

  get columns(): OutcomeColumns {
    return { numbers: this.count < MANY ? this.#numbers : new Float64Array(this.#numbers), values: this.#values };
  }
}

/** Goes through the outcomes of a message, as `TaskReader` does through tasks. */
export class OutcomeReader {
  readonly #columns: OutcomeColumns;
  #index = -1;

  constructor(columns: OutcomeColumns) {
    this.#columns = columns;
  }

  get hasNext(): boolean {
    return this.#index + 1 < this.#columns.values.length;
  }

  advance(): void {
    this.#index += 1;
  }

  get taskId(): number {
    return this.#columns.numbers[this.#index * OUTCOME_WIDTH] as number;
  }

  get ok(): boolean {
    return this.#end < HAS_FAILED;
  }

  /** The packed result or error. */
  get value(): unknown {
    return this.#columns.values[this.#index];
  }

  get coded(): boolean {
    return (this.#end & IS_CODED) !== 0;
  }

  get durationMs(): number {
    return this.#columns.numbers[this.#index * OUTCOME_WIDTH + 2] as number;
  }

  get #end(): number {
    return this.#columns.numbers[this.#index * OUTCOME_WIDTH + 1] as number;
  }
}

/** Whether one of the outcomes is more than data. */
export function hasCodedOutcome({ numbers }: OutcomeColumns): boolean {
  for (let at = 0; at < numbers.length; at += OUTCOME_WIDTH) if (((numbers[at + 1] as number) & IS_CODED) !== 0) return true;
  return false;
}

export function columnsOfOutcomes(outcomes: readonly WireOutcome[]): OutcomeColumns {
  const writer = new OutcomeWriter();
  for (const outcome of outcomes) writer.add(...outcome);
  return writer.columns;
}

export function outcomesOf(columns: OutcomeColumns): WireOutcome[] {
  const outcomes: WireOutcome[] = [];
  const reader = new OutcomeReader(columns);
  while (reader.hasNext) {
    reader.advance();
    outcomes.push([reader.taskId, reader.ok, reader.value, reader.coded, reader.durationMs]);
  }
  return outcomes;
}
