// Runs another Node program in place of this one, with this one's streams, signals and exit code.

import { spawn } from "node:child_process";
import { exitNow } from "./ended-early.ts";

/** The variable that tells the second process who has started it. */
const LAUNCHER = "DURE_LAUNCHER";
/** Milliseconds between two looks. Fewer: wake-ups. More: a killed command goes on for longer. */
const LAUNCHER_LOOK_MS = 50;

/** Never returns: this process becomes the other, or, where Node cannot do that, ends as the other does. */
export function runInstead(args: readonly string[]): Promise<never> {
  const nodeArgs = [...process.execArgv, ...args];
  const { execve } = process as { execve?: (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never };
  if (execve !== undefined && process.platform !== "win32") return execve.call(process, process.execPath, [process.execPath, ...nodeArgs], process.env);
  return runBeside(nodeArgs);
}

/** Makes a program end with its launcher, also one that is not ours. Its workers inherit it, and have another parent. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { isMainThread } from "node:worker_threads";
  const launcher = Number(process.env.${LAUNCHER});
  if (isMainThread && launcher === process.ppid) setInterval(() => process.ppid === launcher || process.exit(1), ${LAUNCHER_LOOK_MS}).unref();
`)}`;

function runBeside(nodeArgs: readonly string[]): Promise<never> {
  const child = spawn(process.execPath, ["--import", WATCH, ...nodeArgs], {
    stdio: "inherit",
    env: { ...process.env, [LAUNCHER]: String(process.pid) },
  });
  // A terminal sends Ctrl-C to both processes; who else sends it means this one. The child decides what to do about it,
  // this process only reports its end.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  return new Promise<never>((_, reject) => {
    child.on("error", reject);
    child.on("exit", endAs);
  });
}

function endAs(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) exitNow(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
