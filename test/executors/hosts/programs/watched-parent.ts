// A program with a process in a busy loop that watches its parent by itself. Prints that process's id once it loops.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { watchParent } from "#dure/worker/parent-watch.js";

if (process.argv[2] === "child") {
  watchParent();
  process.stdout.write(`${process.pid}\n`);
  for (;;);
} else spawn(process.execPath, [fileURLToPath(import.meta.url), "child"], { stdio: ["ignore", "inherit", "inherit"] });
