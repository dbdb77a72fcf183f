// Runs the same command again with tsx as its loader. Workers inherit it with the other Node options.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** Whether a loader named tsx is among this process's Node options. */
export function isTsxLoaded(): boolean {
  return [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].some((option) => /\btsx\b/.test(option));
}

/** The URL of the tsx that belongs to the user's module, else to the working folder, else to dure. */
export function resolveTsx(modulePath: string): string | undefined {
  const places = [modulePath, join(process.cwd(), "package.json"), import.meta.filename];
  return places.map(tsxSeenFrom).find((url) => url !== undefined);
}

function tsxSeenFrom(file: string): string | undefined {
  try {
    return pathToFileURL(createRequire(join(dirname(file), "package.json")).resolve("tsx")).href;
  } catch {
    return undefined;
  }
}

/** The variable that tells the second process who has started it. */
const LAUNCHER = "DURE_LAUNCHER";
/** Milliseconds between two looks. Fewer: wake-ups. More: a killed command goes on for longer. */
const LAUNCHER_LOOK_MS = 50;

/** Ends this process soon after the one that ran it again with tsx, which is the one that a user can kill. */
export function endWithLauncher(): void {
  const launcher = Number(process.env[LAUNCHER]);
  if (launcher !== process.ppid) return;
  setInterval(() => process.ppid === launcher || process.exit(1), LAUNCHER_LOOK_MS).unref();
}

/** Never returns: this process ends as the second one does, whose streams are its own. */
export function runAgainWithTsx(tsx: string): Promise<never> {
  const child = spawn(process.execPath, [...process.execArgv, "--import", tsx, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, [LAUNCHER]: String(process.pid) },
  });
  // A terminal sends Ctrl-C to both processes; who else sends it means this one. The child decides what to do about it,
  // this process only reports its end.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise<never>((_, reject) => {
    child.on("error", reject);
    child.on("exit", endAs);
  });
}

function endAs(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
