// Lets a worker that has nothing to do look for its next task in shared memory before it waits for an event.

import { Lookout } from "../transport/lookout.ts";
import type { Lookable } from "../transport/ring-channel.ts";

/** What a worker is to call when it has become idle. */
export function lookWhileIdle(ring: Lookable, spinMs: number, isIdle: () => boolean): () => void {
  const lookout = new Lookout(spinMs, { isWanted: isIdle });
  lookout.add(ring);
  return () => lookout.watch();
}
