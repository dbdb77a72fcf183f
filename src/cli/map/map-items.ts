// Carries out `dure map`: opens what a run needs, lets it run, and says how it ended.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Executor, PreparedTask, PrepareOptions, TaskFunction } from "../../contract/executor.ts";
import { exitNow, tellIfEnded } from "../ended-early.ts";
import { EXIT_BROKEN, EXIT_FAILED, EXIT_OK } from "../exit-codes.ts";
import { fileAt } from "../file-at.ts";
import { createQuietExecutor } from "../standard-output.ts";
import type { ItemFunction, Target } from "../target.ts";
import { UsageError } from "../usage-error.ts";
import { dryRun } from "./dry-run.ts";
import type { HaltRule } from "./halt.ts";
import type { InputFormat } from "./input-format.ts";
import { openInput } from "./input.ts";
import type { Input } from "./input.ts";
import { Interrupts } from "./interrupts.ts";
import type { JoblogProgress } from "./joblog-progress.ts";
import type { Joblog } from "./joblog.ts";
import { lineFunction, timedLineFunction } from "./line-function.ts";
import type { FileIdentity, Output } from "./output.ts";
import { openOutputFile, openStandardOutput, WriteError } from "./output.ts";
import { Progress } from "./progress.ts";
import { describeError, Reports } from "./reports.ts";
import { claimJoblog, hasBegun, openJoblog } from "./resume.ts";
import { Run } from "./run.ts";

/** The command line, checked, and the function. */
export interface MapRequest {
  readonly target: Target;
  readonly fn: ItemFunction;
  readonly items: string;
  readonly format?: InputFormat;
  readonly executor: string;
  readonly workers?: number;
  readonly chunkSize?: number;
  readonly unordered?: boolean;
  readonly output?: string | undefined;
  readonly onError: "fail" | "skip" | "null";
  readonly halt?: HaltRule;
  readonly retries: number;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly joblog?: string;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly progress: boolean;
  readonly json?: boolean;
}

/** Milliseconds that running items of an ended run get to be gone. */
const LEAVE_MS = 1000;

/** Gives the exit code. */
export async function mapItems(request: MapRequest): Promise<number> {
  const executor = openExecutor(request);
  const input = openInput(request.items, request.format);
  if (request.dryRun === true) return dryRun(request, executor, input);
  if (request.joblog !== undefined) await claimJoblog(request.joblog, request.resume === true);
  const output = openOutput(request, input);
  const { joblog, progress: earlier } = openLog(request, output);
  return perform(request, { executor, input, output, joblog, earlier });
}

interface Opened {
  readonly executor: Executor;
  readonly input: Input;
  readonly output: Output;
  readonly joblog: Joblog | undefined;
  readonly earlier: JoblogProgress | undefined;
}

async function perform(request: MapRequest, opened: Opened): Promise<number> {
  const { executor, joblog } = opened;
  const start = performance.now();
  const reports = new Reports(request.json === true);
  const run = new Run({
    ...opened,
    reports,
    task: prepare(request, executor, joblog !== undefined),
    maxWorkers: executor.maxWorkers,
    chunkSize: request.chunkSize,
    ordered: request.unordered !== true,
    onError: request.onError,
    halt: request.halt,
  });
  // It would end the program, and with it all that other items have under way.
  process.on("unhandledRejection", (error) => {
    reports.stray(error);
    if (request.onError === "fail") run.stop("stopped at what an item left behind", "soon");
  });
  // Serially, a function that computes leaves no moment in which a handler could run: there the signal itself ends the program.
  const interrupts = executor.kind === "serial" ? undefined : new Interrupts((why) => run.stop(why, "now"));
  // Who types the items has the line of the bar for it.
  const isTyped = opened.input.isTerminal && process.stderr.isTTY;
  if (isTyped) reports.note("reading items from the terminal, one JSON value on each line; Ctrl-D ends them");
  const bar = request.progress && request.json !== true && !isTyped ? showProgress(opened, run) : undefined;
  const broken = await tellIfEnded(`"${request.target.exportName}"`, EXIT_BROKEN, () => run.finish()).then(() => undefined, brokenBy);
  bar?.end();
  const { done, failed, resumed } = run.counts;
  const stopped = broken?.message ?? (interrupts?.exitCode === undefined ? (run.stopped ?? null) : "interrupted");
  const unsaved = save(opened);
  if (broken?.isUsage !== true)
    reports.end({ type: "summary", items: done, failed, resumed, seconds: (performance.now() - start) / 1000, stopped: unsaved ?? stopped });
  await leave(executor, run.stopped !== undefined);
  if (broken?.isUsage === true) throw new UsageError(broken.message);
  if (broken !== undefined || unsaved !== undefined) return EXIT_BROKEN;
  return interrupts?.exitCode ?? (failed > 0 || run.stopped !== undefined || reports.hasStrays ? EXIT_FAILED : EXIT_OK);
}

function showProgress({ input, output }: Opened, run: Run): Progress {
  const bar = new Progress(process.stderr.isTTY, input, () => run.counts);
  output.beforeWriting = () => bar.clear();
  return bar;
}

/** Waits until all workers are gone; after a run that was stopped, for LEAVE_MS at most. */
async function leave(executor: Executor, isStopped: boolean): Promise<void> {
  const gone = executor.shutdown({ cancelPending: true });
  if (!isStopped) return gone;
  const timer = new AbortController();
  try {
    await Promise.race([gone, sleep(LEAVE_MS, undefined, { signal: timer.signal })]);
  } finally {
    // It would keep the program alive.
    timer.abort();
  }
}

interface Broken {
  readonly message: string;
  readonly isUsage: boolean;
}

function brokenBy(error: unknown): Broken {
  if ((error as NodeJS.ErrnoException).code === "EPIPE") exitNow();
  if (error instanceof UsageError) return { message: error.message, isUsage: true };
  if ((error as { code?: unknown }).code === "DURE_SERIALIZATION") return { message: (error as Error).message, isUsage: true };
  if (error instanceof WriteError) return { message: error.message, isUsage: false };
  return { message: `Cannot go on: ${describeError(error)}`, isUsage: false };
}

/** What is on its way to the disk may still find it full. */
function save({ output, joblog }: Opened): string | undefined {
  if (joblog === undefined) return undefined;
  try {
    output.sync();
    joblog.close();
    return undefined;
  } catch (error) {
    return `Cannot write to the disk: ${describeError(error)}`;
  }
}

function openExecutor({ executor: spec, workers }: MapRequest): Executor {
  const [, count] = spec.split(":");
  if (workers !== undefined && count !== undefined)
    throw new UsageError(`Cannot take two numbers of workers: give one of --executor ${spec} and --workers ${workers}`);
  const full = workers === undefined ? spec : `${spec}:${workers}`;
  try {
    return createQuietExecutor(full);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function prepare(request: MapRequest, executor: Executor, isTimed: boolean): PreparedTask {
  const { fn, retries, timeout, chunkSize, target } = request;
  const line = lineFunction(fn);
  const task = { retries, timeout, label: target.exportName };
  // What `map` itself uses of every executor, for the futures with their workers and times.
  const source = executor as Executor & { prepare(fn: TaskFunction<[string], unknown>, options: PrepareOptions): PreparedTask };
  return source.prepare(isTimed ? timedLineFunction(line) : line, { task, chunkSize });
}

type NamedFile = readonly [name: string, file: FileIdentity | undefined];

function openOutput({ output, joblog, resume, target }: MapRequest, input: Input): Output {
  const continues = joblog !== undefined && resume === true && hasBegun(joblog);
  const others: NamedFile[] = [
    [input.name, input.stats],
    [`the joblog ${joblog}`, joblog === undefined ? undefined : fileAt(joblog)],
    [target.text, fileAt(target.path)],
  ];
  if (output !== undefined) checkMayBeWritten(output, others, resume === true && !continues);
  const opened = output === undefined ? openStandardOutput() : openOutputFile(output, continues);
  checkDifferent([...others, [opened.name, opened.file]]);
  return opened;
}

/** Looks before the file is emptied. */
function checkMayBeWritten(path: string, others: readonly NamedFile[], hasNoJoblog: boolean): void {
  const before = fileAt(path);
  if (before === undefined || !before.isFile()) return;
  checkDifferent([...others, [path, before]]);
  if (hasNoJoblog && before.size > 0)
    throw new UsageError(`Cannot resume: there is no joblog, and ${path} holds something that would be lost. Remove it to begin anew`);
}

function checkDifferent(files: readonly NamedFile[]): void {
  for (const [at, [name, file]] of files.entries()) {
    const other = files.slice(0, at).find(([, before]) => file !== undefined && isSame(file, before));
    if (other !== undefined) throw new UsageError(`Cannot use one file as two: ${name} is ${other[0]}`);
  }
}

function isSame(one: FileIdentity, other: FileIdentity | undefined): boolean {
  return other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

function openLog(request: MapRequest, output: Output): { joblog: Joblog | undefined; progress: JoblogProgress | undefined } {
  const { joblog: path, target, onError, unordered } = request;
  if (path === undefined) return { joblog: undefined, progress: undefined };
  const sha256 = createHash("sha256").update(readFileSync(target.path)).digest("hex");
  const header = { function: target.exportName, module: target.path, sha256, ordered: unordered !== true };
  return openJoblog({ path, onError, header, output, outputPath: request.output ?? "/dev/fd/1" });
}
