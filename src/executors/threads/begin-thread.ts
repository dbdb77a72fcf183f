// Makes a thread and what it is spoken to by. Loaded by itself: a pool's first thread is begun before the pool is there, so
// that both get ready at once.

import { MessageChannel, type MessagePort, type Worker, type WorkerOptions } from "node:worker_threads";
import { CLAIMS_SIZE } from "../../transport/claims.ts";
import { RING_CHANNEL_SIZE } from "../../transport/ring-channel.ts";
import type { ThreadStart } from "../../transport/thread-start.ts";
import { workerSource } from "../../transport/worker-source.ts";
import type { HostOptions } from "../pooled/host-options.ts";
import { constructThread } from "./construct-thread.ts";

/** Nobody listens to it yet: whoever takes it over must do so in the same turn. */
export interface BegunThread extends Omit<ThreadStart["dure"], "port"> {
  /** The other end of the thread's port. */
  readonly port: MessagePort;
  /** Undefined if it could not be made, for `error`. */
  readonly worker: Worker | undefined;
  readonly error: unknown;
}

/** Never throws. */
export function beginThread(workerIndex: number, options: HostOptions): BegunThread {
  const { port1, port2 } = new MessageChannel();
  const claims = new SharedArrayBuffer(CLAIMS_SIZE);
  const ring = { memory: new SharedArrayBuffer(RING_CHANNEL_SIZE), spinMs: options.spin?.().worker ?? 0 };
  const start: ThreadStart = { dure: { port: port2, claims, ring } };
  const begun = { port: port1, claims, ring };
  try {
    const worker = startWorker({ ...threadOptions(options), name: `${options.name}-${workerIndex}`, workerData: start, transferList: [port2] });
    return { ...begun, worker, error: undefined };
  } catch (error) {
    return { ...begun, worker: undefined, error };
  }
}

function startWorker(options: WorkerOptions): Worker {
  const source = workerSource("thread");
  return "file" in source ? constructThread(source.file, options) : constructThread(source.code, { ...options, eval: true });
}

function threadOptions({ env, execArgv, resourceLimits, stdout, stderr }: HostOptions): WorkerOptions {
  return {
    ...(env && { env: definedOnly(env) }),
    ...(execArgv && { execArgv: [...execArgv] }),
    ...(resourceLimits && { resourceLimits: definedOnly<number>({ ...resourceLimits }) }),
    stdout: stdout === "ignore" || stdout === "stderr",
    stderr: stderr === "ignore",
  };
}

function definedOnly<T>(fields: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, T] => field[1] !== undefined));
}
