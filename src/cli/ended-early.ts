// Code of the user runs in this thread, and may end it: by `process.exit()`, or by waiting for something that never comes,
// after which Node has nothing left to do. Neither would be told by anything.

/** What Node ends with when nothing is left to do and something is still awaited. */
const EXIT_UNSETTLED = 13;

let isOurs = false;

/** Ends the program now, which is then no fault of the user's code. */
export function exitNow(code?: number): never {
  isOurs = true;
  process.exit(code);
}

/** Runs code of the user. If that ends the program, this says so, with `exitCode`. */
export async function tellIfEnded<T>(who: string, exitCode: number, run: () => Promise<T>): Promise<T> {
  const tell = (code: number): void => {
    if (isOurs) return;
    const ending = process.exitCode ?? code;
    process.stderr.write(
      `error: ${who} ${ending === EXIT_UNSETTLED ? "waits for something that never comes" : `ended the program, with exit code ${ending}`}\n`,
    );
    process.exitCode = exitCode;
  };
  process.on("exit", tell);
  try {
    return await run();
  } finally {
    process.off("exit", tell);
  }
}
