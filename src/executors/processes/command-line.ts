// What a worker process is started with: this program's Node options, the memory limits, and the worker's code.

import type { Socket } from "node:net";
import type { ResourceLimits } from "../../contract/options.ts";
import { withoutProgramFlags } from "../../transport/inherited-flags.ts";
import { INCOMING } from "../../transport/process-descriptors.ts";
import { workerSource } from "../../transport/worker-source.ts";

export interface CommandLineOptions {
  readonly execArgv?: readonly string[] | undefined;
  readonly resourceLimits?: ResourceLimits | undefined;
}

/** Reads the worker's code from its connection, as it may be longer than an argument can be. */
const READ_CODE = `
const { readSync } = require("node:fs");
const read = (size) => {
  const bytes = Buffer.allocUnsafe(size);
  for (let filled = 0; filled < size; ) {
    const count = readSync(${INCOMING}, bytes, filled, size - filled);
    if (count === 0) process.exit(1);
    filled += count;
  }
  return bytes;
};
const Module = require("node:module");
const path = require("node:path").resolve("dure-worker.cjs");
const entry = new Module(path);
entry.filename = path;
entry.paths = Module._nodeModulePaths(process.cwd());
entry._compile(read(read(4).readUInt32LE()).toString(), path);
`;

export function workerArguments({ execArgv, resourceLimits }: CommandLineOptions): string[] {
  const flags = [...(execArgv ?? withoutProgramFlags(process.execArgv)), ...limitFlags(resourceLimits)];
  const source = workerSource("process");
  return "file" in source ? [...flags, source.file] : [...flags, "-e", READ_CODE];
}

/** Sent first where the code is not in a file. */
export function sendCode(socket: Socket): void {
  const source = workerSource("process");
  if ("file" in source) return;
  const code = Buffer.from(source.code);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(code.length);
  socket.write(Buffer.concat([size, code]));
}

/** The young generation is three semi-spaces. The code range has no flag in V8. */
function limitFlags(limits: ResourceLimits = {}): string[] {
  const flags: string[] = [];
  if (limits.maxOldGenerationSizeMb !== undefined) flags.push(`--max-old-space-size=${Math.ceil(limits.maxOldGenerationSizeMb)}`);
  if (limits.maxYoungGenerationSizeMb !== undefined) flags.push(`--max-semi-space-size=${Math.max(1, Math.floor(limits.maxYoungGenerationSizeMb / 3))}`);
  if (limits.stackSizeMb !== undefined) flags.push(`--stack-size=${Math.floor(limits.stackSizeMb * 1024)}`);
  return flags;
}
