// Tells pools inside of this worker, and programs that its tasks start, how many cores are theirs. By the same variable
// by which a user does: each level shares out what it was given.

import type { StartMessage } from "../protocol/messages.ts";

export function takeShare({ coreShare }: StartMessage): void {
  if (coreShare !== undefined) process.env["DURE_MAX_WORKERS"] = String(coreShare);
}
