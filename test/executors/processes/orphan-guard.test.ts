// What is done to watch over worker processes. That it ends them is tried by programs that are killed.

import { deepEqual, equal, match } from "node:assert/strict";
import childProcess, { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import { orphanGuard } from "#dure/executors/processes/orphan-guard.js";

test("a shell that could not be started is started with the next worker, and told of those before", { skip: process.platform === "win32" }, async () => {
  const { spawn } = childProcess;
  const shells: ChildProcess[] = [];
  let program: string | undefined = "/no/such/shell";
  childProcess.spawn = ((file: string, args: string[], options: object) => {
    // Says what it is told, when that ends.
    const shell = spawn(program ?? file, program === undefined ? ["-c", "cat"] : args, { ...options, stdio: ["pipe", "pipe", "ignore"] });
    shells.push(shell);
    return shell;
  }) as typeof spawn;
  syncBuiltinESMExports();
  try {
    orphanGuard.watch(1_000_001);
    match(String(await once(shells[0]!, "error")), /ENOENT/);
    program = undefined;
    orphanGuard.watch(1_000_002);
    equal(shells.length, 2);
    const told = shells[1]!.stdout!.setEncoding("utf8").toArray();
    orphanGuard.forget(1_000_001);
    orphanGuard.forget(1_000_002);
    deepEqual((await told).join("").split("\n"), ["+1000001", "+1000002", "-1000001", "-1000002", ""]);
  } finally {
    childProcess.spawn = spawn;
    syncBuiltinESMExports();
  }
});
