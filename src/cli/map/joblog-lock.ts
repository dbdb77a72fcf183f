// Keeps two runs from writing one joblog. A name in the system's own table of sockets goes with the process that holds
// it, however that ends: no file is left behind, and none can be stale.

import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { UsageError } from "../usage-error.ts";
import type { FileIdentity } from "./output.ts";

/** How often, and how many milliseconds apart, a run that was killed is given time to be gone. */
const TRIES = 40;
const PAUSE_MS = 50;

/** Held until this process ends. Where the system has no such names (macOS), nothing is kept. */
export async function lockJoblog(path: string, { dev, ino }: FileIdentity): Promise<void> {
  const name = { linux: "\0", win32: "\\\\.\\pipe\\" }[process.platform as string];
  if (name === undefined) return;
  for (let tries = 1; !(await isHeld(`${name}dure-joblog-${dev}-${ino}`)); tries += 1) {
    if (tries === TRIES) throw new UsageError(`Cannot use the joblog ${path}: another dure map that still runs writes it`);
    await sleep(PAUSE_MS);
  }
}

function isHeld(name: string): Promise<boolean> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error)));
    server.listen({ path: name }, () => resolve(true));
  });
}
