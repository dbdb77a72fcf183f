// The codec as pools and workers use it: one packer and one unpacker per connection. Executors and worker entries make
// them.

import { atEndOfTurn } from "../contract/turn.ts";
import type { Boundary, PayloadSource } from "./boundary.ts";
import type { PackedFunction, Packer, Unpacker } from "./crossing.ts";
import { dissect } from "./functions/dissect.ts";
import { hasEnumerable } from "./functions/live-state.ts";
import { inOneSection } from "./functions/inspection.ts";
import { noteOf } from "./functions/notes.ts";
import { TemplateTable } from "./functions/template-table.ts";
import { packErrorSafely } from "./values/error-report.ts";
import type { AnyFunction } from "./values/functions.ts";
import { createMakers, type Makers } from "./values/makers.ts";
import { packValue } from "./values/pack-value.ts";
import type { PackingBoundary } from "./values/packing.ts";
import type { Coded } from "./values/program.ts";
import { Shares } from "./values/shares.ts";
import { Unpacking } from "./values/unpacking.ts";
import { packTask } from "./values/walk.ts";

export type { Boundary } from "./boundary.ts";

/** The sending half of the codec. May serve many receivers: what it packs depends on the boundary only. */
export function createPacker(boundary: Boundary): Packer {
  // What comes back from a worker is for one receiver, which may not tell it to forget.
  const shares = boundary.sendsOnce === true ? undefined : new Shares();
  const ofTasks: PackingBoundary = { ...boundary, dissect, shares };
  // What functions capture stays for as long as they are used, and errors are small.
  const packing: PackingBoundary = { ...ofTasks, payloads: undefined, sharedCopies: undefined, writesTrees: false };
  const constants = new WeakMap<AnyFunction, ConstantFunction>();
  let makers: Makers | undefined;
  const packFunction: Packer["packFunction"] = (fn) => knownConstant(constants, fn) ?? packAnyFunction(packing, fn, constants);
  return {
    packFunction,
    packCall: (fn, args, transfer) => {
      const known = knownConstant(constants, fn);
      const made = known !== undefined || noteOf(fn) === undefined ? undefined : (makers ??= createMakers(packing)).made(fn);
      const packed = made === undefined ? (known ?? packAnyFunction(packing, fn, constants)) : undefined;
      const packedArgs = packValue(ofTasks, args, "args", transfer);
      return made?.callWith(packedArgs) ?? { fn: packed ?? packFunction(fn), args: packedArgs };
    },
    pack: (value, path, transfer) => packValue(path === "args" || path === "result" ? ofTasks : packing, value, path, transfer),
    packError: (error) => packErrorSafely(packing, error),
  };
}

/** A function that is the same each time, unless somebody gives it another property. */
interface ConstantFunction {
  readonly packed: PackedFunction;
  readonly ownKeys: number;
}

function knownConstant(constants: WeakMap<AnyFunction, ConstantFunction>, fn: AnyFunction): PackedFunction | undefined {
  const known = constants.get(fn);
  return known !== undefined && hasOwnKeys(fn, known.ownKeys) ? known.packed : undefined;
}

/** The function whose keys were last counted, and how many they were; forgotten when the turn ends. */
let counted: AnyFunction | undefined;
let countedKeys = 0;
const forgetCounted = (): void => {
  counted = undefined;
};

/**
 * Counting keys takes longer than packing small arguments, so of many submits in one go the first one counts; the others
 * notice new properties if they are enumerable, as those that are assigned are.
 */
function hasOwnKeys(fn: AnyFunction, count: number): boolean {
  if (fn !== counted || hasEnumerable(fn)) {
    if (counted === undefined) atEndOfTurn(forgetCounted);
    counted = fn;
    countedKeys = Reflect.ownKeys(fn).length;
  }
  return countedKeys === count;
}

function packAnyFunction(boundary: PackingBoundary, fn: AnyFunction, constants: WeakMap<AnyFunction, ConstantFunction>): PackedFunction {
  const { packed, isFixed } = inOneSection(() => packTask(boundary, fn));
  if (isFixed) constants.set(fn, { packed, ownKeys: Reflect.ownKeys(fn).length });
  return packed;
}

/** The receiving half of the codec, for what one packer sends over one connection. */
export function createUnpacker(payloads?: PayloadSource): Unpacker {
  const unpack: Unpacker["unpack"] = ({ value, coded }, classes) => (coded ? new Unpacking(table, payloads, classes).run(value as Coded) : value);
  const table = new TemplateTable(unpack);
  return {
    define: (templates) => table.define(templates),
    forget: (templateIds) => table.forget(templateIds),
    unpack,
  };
}
