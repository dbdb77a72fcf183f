// Standard output belongs to what a command itself says, so that it can be piped on: what the user's module and function
// print goes to standard error.

import type { Executor } from "../contract/executor.ts";
import { createExecutor } from "../index.ts";

type Write = typeof process.stdout.write;

const ownWrite: Write = process.stdout.write.bind(process.stdout);

/** Comes before the user's module is loaded, which may print, too. */
export function keepStandardOutput(): void {
  // Looked up each time: a progress bar may stand in its way.
  process.stdout.write = ((...args: Parameters<Write>) => process.stderr.write(...args)) as Write;
}

/** Writes in spite of that. Rejects with what the system says. */
export async function writeStandardOutput(text: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    ownWrite(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Writes the answer of a command. Where that fails, the program ends (main.ts), and this never resolves. */
export async function say(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    ownWrite(`${text}\n`, (error) => {
      if (!error) resolve();
    });
  });
}

/** An executor whose workers do as this thread. */
export function createQuietExecutor(spec: string): Executor {
  const hasWorkers = /^(?:threads|processes)(?::|$)/.test(spec);
  return createExecutor(spec, hasWorkers ? { stdout: "stderr" } : undefined);
}
