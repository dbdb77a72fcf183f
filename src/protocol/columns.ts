// How the tasks and the outcomes of a message lie side by side: their numbers in one array, their values in another.
// Structured clone takes a tenth of the time for these that it takes for an array of tuples. What several in a row have in
// common is said once, so that few bytes are left for each. Both sides write and read them here; who handles single tasks
// uses the tuples.

import type { WireOutcome, WireTask } from "./messages.ts";

/** The tasks of a `run` message. */
export interface TaskColumns {
  /**
   * Rows of tasks whose ids follow one another: how many they are, the id of the first, their function's id, their attempt, in
   * what form their arguments are, and for how many milliseconds outcomes may be held back; then the claim slot of each, or -1.
   */
  readonly numbers: readonly number[];
  /** The arguments of the first task, then those of the second, and so on. */
  readonly values: readonly unknown[];
  /** Of the tasks that have one, by their place in the message. */
  readonly labels?: Readonly<Record<number, string>>;
}

/** Numbers in front of a row of tasks. */
const TASK_HEADER = 6;
/** How a task's arguments lie among the values. Below 0: one value holds all of them. From 0 on: so many values are one argument each. */
export type ArgumentForm = number;

const LISTED = -1;
const CODED = -2;
/** Longer lists of arguments stay lists. */
const MOST_SPREAD = 16;

export const NO_TASKS: TaskColumns = { numbers: [], values: [] };

/** Never written to. */
const NO_NUMBERS: number[] = [];
const NO_VALUES: unknown[] = [];

export class TaskWriter {
  #numbers: number[] = NO_NUMBERS;
  #values: unknown[] = NO_VALUES;
  #labels: Record<number, string> | undefined;
  #count = 0;
  /** Where the latest row begins, and the id that continues it. */
  #row = 0;
  #nextId = -1;

  /** Adds a task whose arguments have just been written, in this form. */
  add(taskId: number, slot: number, functionId: number, attempt: number, form: ArgumentForm, patience: number, label: string | undefined): void {
    if (this.#continuesRow(taskId, functionId, attempt, form, patience)) this.#addToRow(slot);
    else this.#beginRow([1, taskId, functionId, attempt, form, patience, slot]);
    if (label !== undefined) (this.#labels ??= {})[this.#count] = label;
    this.#count += 1;
    this.#nextId = taskId + 1;
  }

  #continuesRow(taskId: number, functionId: number, attempt: number, form: ArgumentForm, patience: number): boolean {
    const numbers = this.#numbers;
    const row = this.#row;
    return (
      taskId === this.#nextId && numbers[row + 2] === functionId && numbers[row + 3] === attempt && numbers[row + 4] === form && numbers[row + 5] === patience
    );
  }

  #addToRow(slot: number): void {
    (this.#numbers[this.#row] as number) += 1;
    this.#numbers.push(slot);
  }

  /** An array that grows takes memory for many, and most messages are of one task: theirs is taken as it is, as is its argument. */
  #beginRow(numbers: number[]): void {
    this.#row = this.#numbers.length;
    if (this.#row === 0) this.#numbers = numbers;
    else this.#numbers.push(...numbers);
  }

  /** Writes the only argument of a task. */
  writeArgument(value: unknown): ArgumentForm {
    this.#write(value);
    return 1;
  }

  writeArguments(args: unknown, isCoded: boolean): ArgumentForm {
    if (isCoded || !Array.isArray(args) || args.length > MOST_SPREAD) {
      this.#write(args);
      return isCoded ? CODED : LISTED;
    }
    for (let index = 0; index < args.length; index += 1) this.#write(args[index]);
    return args.length;
  }

  #write(value: unknown): void {
    if (this.#values.length === 0) this.#values = [value];
    else this.#values.push(value);
  }

  get columns(): TaskColumns {
    const columns = { numbers: this.#numbers, values: this.#values };
    return this.#labels === undefined ? columns : { ...columns, labels: this.#labels };
  }
}

/** Goes through the tasks of a message, one after another; what it says is of the one that it has come to. */
export class TaskReader {
  readonly #columns: TaskColumns;
  #index = -1;
  #taskId = -1;
  /** Where its row begins, where its slot is, and how many come after it in the row. */
  #row = 0;
  #at = -1;
  #left = 0;
  /** Where the arguments of the task begin among the values, and how many values these are. */
  #valuesFrom = 0;
  #width = 0;

  constructor(columns: TaskColumns) {
    this.#columns = columns;
  }

  get hasNext(): boolean {
    return this.#left > 0 || this.#at + 1 < this.#columns.numbers.length;
  }

  advance(): void {
    if (this.#left > 0) this.#goOn();
    else this.#enterRow();
    this.#index += 1;
    this.#valuesFrom += this.#width;
    this.#width = this.#form < 0 ? 1 : this.#form;
  }

  #goOn(): void {
    this.#at += 1;
    this.#left -= 1;
    this.#taskId += 1;
  }

  #enterRow(): void {
    const { numbers } = this.#columns;
    this.#row = this.#at + 1;
    this.#at = this.#row + TASK_HEADER;
    this.#left = (numbers[this.#row] as number) - 1;
    this.#taskId = numbers[this.#row + 1] as number;
  }

  /** Of the one that comes next, if any does. */
  get nextTaskId(): number | undefined {
    return this.#left > 0 ? this.#taskId + 1 : this.#columns.numbers[this.#at + 2];
  }

  get taskId(): number {
    return this.#taskId;
  }

  get slot(): number {
    return this.#columns.numbers[this.#at] as number;
  }

  get functionId(): number {
    return this.#columns.numbers[this.#row + 2] as number;
  }

  get attempt(): number {
    return this.#columns.numbers[this.#row + 3] as number;
  }

  get isCoded(): boolean {
    return this.#form === CODED;
  }

  get patience(): number {
    return this.#columns.numbers[this.#row + 5] as number;
  }

  /** The list of arguments, or what it must be unpacked from. */
  get args(): unknown {
    const { values } = this.#columns;
    if (this.#form < 0) return values[this.#valuesFrom];
    if (this.#form === 1) return [values[this.#valuesFrom]];
    return values.slice(this.#valuesFrom, this.#valuesFrom + this.#width);
  }

  get label(): string | undefined {
    return this.#columns.labels?.[this.#index];
  }

  get #form(): number {
    return this.#columns.numbers[this.#row + 4] as number;
  }

  /** Whether a task is among those that it has not come to. */
  isAhead(taskId: number): boolean {
    if (taskId > this.#taskId && taskId <= this.#taskId + this.#left) return true;
    const { numbers } = this.#columns;
    for (let row = this.#at + 1 + this.#left; row < numbers.length; row += TASK_HEADER + (numbers[row] as number)) {
      const first = numbers[row + 1] as number;
      if (taskId >= first && taskId < first + (numbers[row] as number)) return true;
    }
    return false;
  }
}

export function columnsOfTasks(tasks: readonly WireTask[]): TaskColumns {
  const writer = new TaskWriter();
  for (const [taskId, slot, functionId, args, isCoded, attempt, patience, label] of tasks) {
    writer.add(taskId, slot, functionId, attempt, writer.writeArguments(args, isCoded), patience, label);
  }
  return writer.columns;
}

export function tasksOf(columns: TaskColumns): WireTask[] {
  const tasks: WireTask[] = [];
  const reader = new TaskReader(columns);
  while (reader.hasNext) {
    reader.advance();
    const task = [reader.taskId, reader.slot, reader.functionId, reader.args, reader.isCoded, reader.attempt, reader.patience] as const;
    tasks.push(reader.label === undefined ? task : [...task, reader.label]);
  }
  return tasks;
}

/** Whether the arguments of one of the tasks are more than data. */
export function hasCodedTask({ numbers }: TaskColumns): boolean {
  for (let row = 0; row < numbers.length; row += TASK_HEADER + (numbers[row] as number)) if (numbers[row + 4] === CODED) return true;
  return false;
}

/** The outcomes of a `finished` message. */
export interface OutcomeColumns {
  /** Rows of outcomes whose tasks' ids follow one another: how many they are, the id of the first, and how they ended; then the milliseconds that each call took. */
  readonly numbers: readonly number[];
  /** One for each: the packed result or error. */
  readonly values: readonly unknown[];
}

/** Numbers in front of a row of outcomes. */
const OUTCOME_HEADER = 3;
/** How a task ended: the sum of these that hold. */
const IS_CODED = 1;
const HAS_FAILED = 2;

export class OutcomeWriter {
  #numbers: number[] = NO_NUMBERS;
  #values: unknown[] = NO_VALUES;
  /** Where the latest row begins, and the id that continues it. */
  #row = 0;
  #nextId = -1;

  get count(): number {
    return this.#values.length;
  }

  add(taskId: number, ok: boolean, value: unknown, isCoded: boolean, durationMs: number): void {
    const end = (ok ? 0 : HAS_FAILED) + (isCoded ? IS_CODED : 0);
    const isFirst = this.#values.length === 0;
    if (isFirst) {
      // An array that grows takes memory for many, and most messages are of one outcome.
      this.#numbers = [1, taskId, end, durationMs];
      this.#values = [value];
    } else {
      this.#addNumbers(taskId, end, durationMs);
      this.#values.push(value);
    }
    this.#nextId = taskId + 1;
  }

  #addNumbers(taskId: number, end: number, durationMs: number): void {
    const numbers = this.#numbers;
    if (taskId === this.#nextId && numbers[this.#row + 2] === end) {
      (numbers[this.#row] as number) += 1;
      numbers.push(durationMs);
    } else {
      this.#row = numbers.length;
      numbers.push(1, taskId, end, durationMs);
    }
  }

  /** The one added last. */
  get latest(): WireOutcome {
    const end = this.#numbers[this.#row + 2] as number;
    return [this.#nextId - 1, end < HAS_FAILED, this.#values.at(-1), (end & IS_CODED) !== 0, this.#numbers.at(-1) as number];
  }

  /** All that were added since this was last called. */
  take(): OutcomeColumns {
    const columns = { numbers: this.#numbers, values: this.#values };
    this.#numbers = NO_NUMBERS;
    this.#values = NO_VALUES;
    this.#row = 0;
    return columns;
  }
}

/** Goes through the outcomes of a message, as `TaskReader` does through tasks. */
export class OutcomeReader {
  readonly #columns: OutcomeColumns;
  #index = -1;
  #taskId = -1;
  /** Its end, where its duration is, and how many come after it in its row. */
  #end = 0;
  #at = -1;
  #left = 0;

  constructor(columns: OutcomeColumns) {
    this.#columns = columns;
  }

  get hasNext(): boolean {
    return this.#index + 1 < this.#columns.values.length;
  }

  advance(): void {
    this.#index += 1;
    if (this.#left === 0) return this.#enterRow();
    this.#at += 1;
    this.#left -= 1;
    this.#taskId += 1;
  }

  #enterRow(): void {
    const { numbers } = this.#columns;
    const row = this.#at + 1;
    this.#at = row + OUTCOME_HEADER;
    this.#left = (numbers[row] as number) - 1;
    this.#taskId = numbers[row + 1] as number;
    this.#end = numbers[row + 2] as number;
  }

  get taskId(): number {
    return this.#taskId;
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
    return this.#columns.numbers[this.#at] as number;
  }
}

/** Whether one of the outcomes is more than data. */
export function hasCodedOutcome({ numbers }: OutcomeColumns): boolean {
  for (let row = 0; row < numbers.length; row += OUTCOME_HEADER + (numbers[row] as number)) if (((numbers[row + 2] as number) & IS_CODED) !== 0) return true;
  return false;
}

export function columnsOfOutcomes(outcomes: readonly WireOutcome[]): OutcomeColumns {
  const writer = new OutcomeWriter();
  for (const outcome of outcomes) writer.add(...outcome);
  return writer.take();
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
