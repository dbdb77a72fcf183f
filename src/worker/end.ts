// Ends a worker without losing what it has printed.

/** Taken now: a task may put another one in its place. */
const exit = process.exit.bind(process);

/**
 * Exits once standard output and error have been handed over. A thread's output goes to its parent in steps that the
 * parent acknowledges, and `process.exit()` would drop the steps that have not been taken.
 */
export function endWhenWritten(exitCode: number, report: (error: unknown) => void): void {
  const end = (): void => exitWhateverHandlersDo(exitCode, report);
  try {
    whenWritten(end);
  } catch {
    // A task has broken the streams, or what is needed to look at them.
    end();
  }
}

function whenWritten(callback: () => void): void {
  let waiting = 1;
  const written = (): void => {
    if (--waiting === 0) callback();
  };
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength === 0 || stream.destroyed) continue;
    waiting += 1;
    stream.write("", written);
  }
  written();
}

function exitWhateverHandlersDo(exitCode: number, report: (error: unknown) => void): void {
  try {
    exit(exitCode);
  } catch (error) {
    // One of the user's 'exit' handlers threw. The worker would live on; Node calls no handler a second time.
    try {
      report(error);
    } finally {
      exit(exitCode);
    }
  }
}
