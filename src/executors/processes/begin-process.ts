// Makes a process and the control words that it shares with its pool. Loaded by itself: a pool's first process is begun
// before the pool is there, so that both get ready at once.

import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { openClaimsFile } from "../../transport/file-claims.ts";
import type { HostOptions } from "../pooled/host-options.ts";
import { workerArguments } from "./command-line.ts";

/** Nobody listens to it yet: whoever takes it over must do so in the same turn. */
export interface BegunProcess {
  /** Undefined if it could not be made, for `error`. */
  readonly child: ChildProcess | undefined;
  readonly error: unknown;
  /** The file of control words; undefined if there can be none. */
  readonly claims: number | undefined;
}

/** Never throws. */
export function beginProcess(options: HostOptions): BegunProcess {
  const claims = openClaimsFile();
  try {
    return { child: spawnWorker(options, claims), error: undefined, claims };
  } catch (error) {
    return { child: undefined, error, claims };
  }
}

function spawnWorker(options: HostOptions, claims: number | undefined): ChildProcess {
  return spawn(process.execPath, workerArguments(options), {
    stdio: stdioOf(options, claims),
    // A group of its own: an interrupt from the terminal reaches the caller alone, which then decides, and a kill reaches descendants.
    detached: true,
    windowsHide: true,
    ...(options.env && { env: { ...options.env } }),
  });
}

function stdioOf({ stdout = "inherit", stderr = "inherit" }: HostOptions, claims: number | undefined): StdioOptions {
  return ["ignore", stdout === "stderr" ? process.stderr.fd : stdout, stderr, "pipe", "pipe", claims ?? "ignore"];
}
