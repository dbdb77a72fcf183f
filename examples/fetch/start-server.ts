import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Starts the server and sets `PAGES_URL`, which workers inherit. */
export async function startServer(): Promise<{ stop(): void }> {
  const child = fork(fileURLToPath(new URL("server.ts", import.meta.url)));
  [process.env["PAGES_URL"]] = (await once(child, "message")) as [string];
  return { stop: () => child.disconnect() };
}
