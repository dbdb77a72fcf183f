// The worker of the process rung: connects the far side to the descriptors that the process inherited.

import { fstatSync } from "node:fs";
import type { FromWorker, StartMessage, ToWorker } from "../protocol/messages.ts";
import { DescriptorChannel } from "../transport/descriptor-channel.ts";
import { FarPayloads } from "../transport/far-payloads.ts";
import { CLAIMS_FILE_SIZE, FileFarClaims } from "../transport/file-claims.ts";
import type { FromWorkerAboutMemory, ToWorkerAboutMemory } from "../transport/memory-messages.ts";
import { ProcessFarClaims } from "../transport/process-claims.ts";
import { CLAIMS, INCOMING, OUTGOING } from "../transport/process-descriptors.ts";
import { RingChannel, type Doorbell } from "../transport/ring-channel.ts";
import { FINISHED_FRAMES, RUN_FRAMES } from "../transport/ring-frames.ts";
import { hasShell } from "../transport/shell.ts";
import { keepNoMemory } from "../transport/warm-memory.ts";
import { takeShare } from "./core-share.ts";
import { endWhenWritten } from "./end.ts";
import { FarSide } from "./far-side.ts";
import { createFarCodec } from "./far-crossing.ts";
import { lookWhileIdle } from "./look-while-idle.ts";
import { watchParent } from "./parent-watch.ts";
import { printAtOnce } from "./printing.ts";
import { ThreadTaskScope } from "./task-scope.ts";
import { catchLeftovers } from "./uncaught.ts";
import { wakeBehindPool } from "./wake-behind.ts";
import { takingOffers } from "./words-in-memory.ts";

runProcess();

function runProcess(): void {
  printAtOnce();
  const payloads = new FarPayloads();
  const words = hasClaims() ? new FileFarClaims(CLAIMS) : undefined;
  const claims = words && new ProcessFarClaims(words);
  const inner = new DescriptorChannel<FromWorker | FromWorkerAboutMemory | Doorbell, ToWorker | ToWorkerAboutMemory | Doorbell>({
    incoming: INCOMING,
    outgoing: OUTGOING,
    forms: { outgoing: FINISHED_FRAMES, incoming: RUN_FRAMES },
    putDown: (parts) => payloads.putDown(parts),
    lost: endWithDescendants,
  });
  const ring = new RingChannel<FromWorker | FromWorkerAboutMemory, ToWorker | ToWorkerAboutMemory>({
    inner,
    side: "far",
    outgoing: FINISHED_FRAMES,
    incoming: RUN_FRAMES,
  });
  let look = (): void => {};
  const mapped = (spinMs: number): void => {
    payloads.noteMapped();
    if (spinMs > 0) look = lookWhileIdle(ring, spinMs, () => farSide.isIdle);
    // Without spinning, memory is for whoever runs very many tasks.
    else wakeBehindPool();
  };
  const { packer, unpacker, configure } = createFarCodec("separate", payloads);
  const farSide: FarSide = new FarSide({
    packer,
    unpacker,
    channel: payloads.over(takingOffers(ring, claims, mapped)),
    ring,
    claims,
    scope: new ThreadTaskScope(),
    memory: () => process.memoryUsage.rss(),
    started: (message) => {
      takeName(message);
      if (message.reportMemory) keepNoMemory();
      takeShare(message);
      configure(message);
    },
    end: endWhenWritten,
    idle: () => look(),
  });
  words?.noteStart();
  prepareForAbort(farSide, words);
  catchLeftovers(farSide);
  farSide.listen();
  // Windows has no process groups: an interrupt from the terminal reaches workers too, and the pool decides.
  if (process.platform === "win32") process.on("SIGINT", () => {});
  if (!hasShell()) watchParent();
}

function hasClaims(): boolean {
  try {
    return fstatSync(CLAIMS).size === CLAIMS_FILE_SIZE;
  } catch {
    return false;
  }
}

function takeName({ poolName, workerIndex }: StartMessage): void {
  const name = `${poolName}-${workerIndex}`;
  process.env["DURE_WORKER"] = name;
  process.title = `dure ${name}`;
}

/** A full heap ends a process as `process.abort()` does; the pool should be able to tell. What is done is not lost. */
function prepareForAbort(farSide: FarSide, claims: FileFarClaims | undefined): void {
  const abort = process.abort.bind(process);
  process.abort = (): never => {
    farSide.flush();
    claims?.noteAbortCall();
    return abort();
  };
}

/** The pool's process is gone. Registered last: the user's own exit handlers still run. */
function endWithDescendants(): void {
  const kill = (): boolean => process.kill(-process.pid, "SIGKILL");
  process.on("exit", kill);
  try {
    process.exit(1);
  } finally {
    // Reached only if one of those handlers has thrown.
    kill();
  }
}
