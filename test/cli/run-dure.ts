// Runs the command as a user does: in a process of its own, with its output in pipes.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The command, as it is installed. */
export const DURE: string = fileURLToPath(import.meta.resolve("#dure/cli/dure.js"));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Called with all of standard error so far; gives the signal to send, once. */
  readonly signalWhen?: (stderr: string) => NodeJS.Signals | undefined;
  /** Closes our end of its standard output at once, as `| head` does. */
  readonly closeStdout?: boolean;
  /** Set beside the environment of the tests, of which nothing that speaks of colours is taken. */
  readonly env?: NodeJS.ProcessEnv;
  /** The folder that it runs in. Default: that of the tests. */
  readonly cwd?: string;
}

const { FORCE_COLOR: _force, NO_COLOR: _no, CI: _ci, ...ENVIRONMENT } = process.env;

export async function runDure(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [DURE, ...args], { cwd: options.cwd, env: { ...ENVIRONMENT, ...options.env } });
  if (options.closeStdout === true) child.stdout.destroy();
  let [stdout, stderr, isSignalled] = ["", "", false];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    const signal = isSignalled ? undefined : options.signalWhen?.(stderr);
    if (signal === undefined) return;
    isSignalled = true;
    child.kill(signal);
  });
  child.stdin.end(options.input ?? "");
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr })));
}
