// The worker of the thread rung: connects the far side to the port that the thread was started with. Bundled into one
// self-contained file.

import v8 from "node:v8";
import { workerData } from "node:worker_threads";
// What tasks are sent of it must be known here.
import "../sync/index.ts";
import { SharedFarClaims } from "../transport/claims.ts";
import { PortChannel } from "../transport/port-channel.ts";
import { RingChannel, type Doorbell } from "../transport/ring-channel.ts";
import { FINISHED_FRAMES, RUN_FRAMES } from "../transport/ring-frames.ts";
import type { ThreadStart } from "../transport/thread-start.ts";
import type { FromWorker, ToWorker } from "../protocol/messages.ts";
import { endWhenWritten } from "./end.ts";
import { takeShare } from "./core-share.ts";
import { FarSide } from "./far-side.ts";
import { createFarCodec } from "./far-crossing.ts";
import { lookWhileIdle } from "./look-while-idle.ts";
import { ThreadTaskScope } from "./task-scope.ts";
import { catchLeftovers } from "./uncaught.ts";

runThread();

function runThread(): void {
  const { port, claims, ring } = (workerData as ThreadStart).dure;
  const { packer, unpacker, configure } = createFarCodec("shared");
  const forms = { outgoing: FINISHED_FRAMES, incoming: RUN_FRAMES };
  const inner = new PortChannel<FromWorker, ToWorker, Doorbell>(port, forms);
  const channel = new RingChannel<FromWorker, ToWorker>({ inner, side: "far", ...forms });
  channel.openRings({ memory: ring.memory });
  const idle = lookWhileIdle(channel, ring.spinMs, () => farSide.isIdle);
  const farSide: FarSide = new FarSide({
    packer,
    unpacker,
    channel,
    ring: channel,
    claims: new SharedFarClaims(claims),
    scope: new ThreadTaskScope(),
    memory: () => v8.getHeapStatistics().used_heap_size,
    started: (message) => {
      process.env["DURE_WORKER"] = `${message.poolName}-${message.workerIndex}`;
      takeShare(message);
      configure(message);
    },
    end: endWhenWritten,
    idle,
  });
  catchLeftovers(farSide);
  farSide.listen();
}
