// The short way for closures of a place in the source that is known, made afresh for each task: workers are sent one
// function that makes them, and with each task the values of its variables, like arguments. The maker itself captures what
// is the same each time: functions, modules, shared values.

import type { Packed, PackedCall, PackedFunction } from "../crossing.ts";
import { inOneSection } from "../functions/inspection.ts";
import { readClosure, type NotedClosure, type NotedPlace } from "../functions/noted-closures.ts";
import type { AnyFunction } from "./functions.ts";
import { Maker } from "./maker.ts";
import { isPlainList } from "./pack-value.ts";
import type { PackingBoundary } from "./packing.ts";

/** Closures of a place that may be in need of another maker than the one before, or of none, beside one in ten of all. */
const MOST_MISSES = 3;

/** What is kept of a place: its latest maker, and whether makers are worth it there. */
interface PlaceMakers {
  maker: Maker | undefined;
  made: number;
  missed: number;
}

/** The makers of one packer. */
export interface Makers {
  /** Undefined for a function that must be packed as any other; what is wrong with it, that then says. */
  made(fn: AnyFunction): MadeFunction | undefined;
}

/** A function by its maker, and the values that the maker needs. */
export interface MadeFunction {
  /** Undefined for arguments that are more than data: the values cannot be put before them. */
  callWith(args: Packed): PackedCall | undefined;
}

export function createMakers(boundary: PackingBoundary): Makers {
  return new PackerMakers(boundary);
}

class PackerMakers implements Makers {
  readonly #boundary: PackingBoundary;
  readonly #places = new WeakMap<NotedPlace, PlaceMakers>();

  constructor(boundary: PackingBoundary) {
    this.#boundary = boundary;
  }

  made(fn: AnyFunction): MadeFunction | undefined {
    const closure = readClosure(fn);
    if (closure === undefined) return undefined;
    const makers = this.#makersOf(closure.place);
    if (makers.missed > MOST_MISSES + makers.made / 10) return undefined;
    const made = this.#make(fn, closure, makers);
    if (made === undefined) makers.missed += 1;
    else makers.made += 1;
    return made;
  }

  #makersOf(place: NotedPlace): PlaceMakers {
    let makers = this.#places.get(place);
    if (makers === undefined) this.#places.set(place, (makers = newMakers(place)));
    return makers;
  }

  #make(fn: AnyFunction, { place, values }: NotedClosure, makers: PlaceMakers): MadeFunction | undefined {
    try {
      if (makers.maker?.serves(values) !== true) {
        if (makers.maker !== undefined) makers.missed += 1;
        makers.maker = inOneSection(() => new Maker(this.#boundary, fn, place, values));
      }
      const { packed } = makers.maker;
      const given = packed && makers.maker.pick(values);
      return packed && given && new FunctionAndValues(packed, given);
    } catch {
      return undefined;
    }
  }
}

/** A variable that functions assign is shared with them: then the whole function must be packed. */
function newMakers({ captured }: NotedPlace): PlaceMakers {
  return { maker: undefined, made: 0, missed: captured.some(({ isCell }) => isCell) ? Infinity : 0 };
}

class FunctionAndValues implements MadeFunction {
  readonly #maker: PackedFunction;
  readonly #given: readonly unknown[];

  constructor(maker: PackedFunction, given: readonly unknown[]) {
    this.#maker = maker;
    this.#given = given;
  }

  callWith(args: Packed): PackedCall | undefined {
    return isPlainList(args) ? { fn: this.#maker, args: { ...args, value: [...this.#given, ...args.value] } } : undefined;
  }
}
