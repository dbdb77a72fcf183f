// How functions and values cross on the side of a real worker.

import vm from "node:vm";
import type { Packer, Unpacker } from "../codec/crossing.ts";

const NOTHING: readonly never[] = [];

export function createFarCrossing(): { packer: Packer; unpacker: Unpacker } {
  const pack = (value: unknown) => ({ value, coded: false, templates: NOTHING, transfer: NOTHING });
  return {
    packer: {
      pack,
      packError: pack,
      packFunction: () => {
        throw new Error("none yet");
      },
    },
    unpacker: {
      define: () => undefined,
      unpack: ({ value, coded }) =>
        coded ? vm.runInThisContext(`(${String(value)})`, { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER as never }) : value,
    },
  };
}
