// Turns a packed value that lies in shared memory into one that holds all its bytes itself, for a receiver that cannot see
// that memory.

import type { PayloadSource } from "../boundary.ts";
import type { Packed } from "../crossing.ts";
import type { Coded, Step } from "./program.ts";

/** The buffers move with the message, as large ones do. */
export function withBytes(packed: Packed, payloads: PayloadSource): Packed {
  const [, program] = packed.value as Coded;
  const buffers: ArrayBuffer[] = [];
  const steps = program.map((step): Step => {
    if (step[0] !== "stored") return step;
    const buffer = payloads.take(step[2], step[3]);
    buffers.push(buffer);
    return ["bytes", step[1], buffer];
  });
  const holder = packed.value as Coded;
  return { ...packed, value: withProgram(holder, steps), transfer: [...packed.transfer, ...buffers] };
}

/** Steps may point at the value as a whole, to put something in its place. */
function withProgram(holder: Coded, steps: Step[]): Coded {
  const copy: Coded = [...holder];
  copy[1] = steps;
  for (const [index, step] of steps.entries()) if (step[0] === "put" && step[1] === holder) steps[index] = ["put", copy, step[2], step[3]];
  return copy;
}
