// Opens the joblog of a run and makes sure that going on gives the output of an undisturbed run, or refuses.

import { fstatSync, openSync, closeSync, readSync } from "node:fs";
import { reasonNotCreated } from "../system-error.ts";
import { UsageError } from "../usage-error.ts";
import type { JoblogHeader } from "./joblog.ts";
import { Joblog } from "./joblog.ts";
import { lockJoblog } from "./joblog-lock.ts";
import { JoblogProgress } from "./joblog-progress.ts";
import type { FileIdentity, Output } from "./output.ts";

/** Bytes of results that are written at once, and so may be without a line in the joblog; one result may be longer. */
export const WRITE_BYTES: number = 2 ** 18;

export interface JoblogRequest {
  readonly path: string;
  readonly onError: "fail" | "skip" | "null";
  readonly header: Omit<JoblogHeader, "output">;
  readonly output: Output;
  /** Where `output` can be read, if it is a file. */
  readonly outputPath: string;
}

/**
 * Makes this run the only one with the joblog. Comes before anything else is looked at: a run that was killed a moment
 * ago may not be gone.
 */
export async function claimJoblog(path: string, resume: boolean): Promise<void> {
  await lockJoblog(path, createdFile(path));
  if (!resume && hasBegun(path)) throw new UsageError(`Cannot begin a run: ${path} is the joblog of another. Give --resume to go on with it, or remove it`);
}

/** The joblog, to be written on, and how far it says that the run has come. */
export function openJoblog(request: JoblogRequest): { readonly joblog: Joblog; readonly progress: JoblogProgress } {
  const { path, output, header } = request;
  const progress = new JoblogProgress(path, output.file === undefined ? Infinity : output.position);
  if (progress.length > 0) checkContinues(request, progress);
  const joblog = new Joblog(path, progress.length);
  if (progress.length > 0) output.continueAt(progress.end);
  else joblog.begin({ ...header, output: output.file === undefined ? null : { ...output.file, start: output.position } });
  return { joblog, progress };
}

/** Whether a run has begun that `--resume` can go on with. */
export function hasBegun(path: string): boolean {
  return new JoblogProgress(path).length > 0;
}

function createdFile(path: string): FileIdentity {
  try {
    const fd = openSync(path, "a");
    const stats = fstatSync(fd);
    closeSync(fd);
    if (stats.isFile()) return stats;
  } catch (error) {
    throw new UsageError(`Cannot write the joblog ${path}: ${reasonNotCreated(error)}`);
  }
  throw new UsageError(`Cannot write the joblog ${path}: it is not a regular file`);
}

function checkContinues(request: JoblogRequest, progress: JoblogProgress): void {
  const before = progress.header as JoblogHeader;
  checkSameRun(request, before, progress);
  checkOutput(request, before, progress);
}

function checkSameRun({ path, header, onError }: JoblogRequest, before: JoblogHeader, progress: JoblogProgress): void {
  if (before.function !== header.function) throw new UsageError(`Cannot resume: ${path} is of a run of ${before.function}, not of ${header.function}`);
  if (before.sha256 !== header.sha256)
    throw new UsageError(
      `Cannot resume: ${header.module} has changed since the run began, so later results might not fit the earlier ones. To begin anew, remove ${path}`,
    );
  if (header.ordered && !progress.isContiguous) throw new UsageError(`Cannot resume in order: the results so far are not, give --unordered again`);
  const other = (["skipped", "null"] as const).find((outcome) => progress.outcomes.has(outcome) && outcome !== (onError === "skip" ? "skipped" : onError));
  if (other !== undefined)
    throw new UsageError(`Cannot resume with --on-error ${onError}: items have failed before, under --on-error ${other === "skipped" ? "skip" : "null"}`);
}

function checkOutput(request: JoblogRequest, before: JoblogHeader, progress: JoblogProgress): void {
  const { output, path } = request;
  if ((before.output === null) !== (output.file === undefined))
    throw new UsageError(`Cannot resume: the results so far went to ${before.output === null ? "a pipe or a terminal" : "a file"}, and ${output.name} is none`);
  if (output.file === undefined || before.output === null) return;
  if (output.position < progress.end)
    throw new UsageError(
      `Cannot resume: ${output.name} holds ${output.position} bytes of the ${progress.end} that ${path} tells of. If > has emptied it, begin anew without the joblog, next time with >> or --output. If the machine went down, remove all behind line ${progress.lastHeldLine} of the joblog`,
    );
  if (output.position > progress.end) checkSurplus(request, before.output, progress.end);
}

/** Only what the killed run itself may have written behind its last line in the joblog is taken away. */
function checkSurplus({ output, outputPath }: JoblogRequest, before: FileIdentity, end: number): void {
  const isSameFile = output.file?.dev === before.dev && output.file.ino === before.ino;
  const isShort = output.position - end <= WRITE_BYTES || countLines(outputPath, end) <= 1;
  if (isSameFile && isShort) return;
  throw new UsageError(
    `Cannot resume: ${output.name} ${isSameFile ? "holds more than this run has written" : "is another file than that of the run"}, and all behind byte ${end} would be lost. Remove that yourself if it may go`,
  );
}

function countLines(path: string, from: number): number {
  const fd = openSync(path, "r");
  const chunk = Buffer.alloc(2 ** 16);
  let lines = 0;
  for (let at = from, bytes = readSync(fd, chunk, 0, chunk.length, at); bytes > 0; bytes = readSync(fd, chunk, 0, chunk.length, at)) {
    for (let next = chunk.indexOf(10); next !== -1 && next < bytes; next = chunk.indexOf(10, next + 1)) lines += 1;
    at += bytes;
  }
  closeSync(fd);
  return lines;
}
