// Closures that say what they captured: `dure/captures` has their calls written so that each is noted with a second
// closure, which reads its variables, and with its place in the source. All copies of dure in a program share the notes.

import { isAsAnnotated } from "./annotations.ts";

type AnyFunction = (...args: never[]) => unknown;

/** Gives the values of the variables now, in the order of the function's analysis; throws for one that is not initialised. */
export type Reader = () => readonly unknown[];

/** Notes a closure of one module; `site` counts the module's places. Gives the closure back. */
type Noting = (fn: AnyFunction, read: Reader, site: number) => AnyFunction;

/** What a closure is noted with. */
export interface Note {
  readonly read: Reader;
  /** Stands for the place in the source: the same for all closures of one call in one loaded module. */
  readonly place: object;
}

/** What is under the key of `globalThis`. */
interface Notes {
  /** For one module, as it is loaded: by the function in it that notes. Undefined for one that cannot be noted in. */
  sites(noting: object): Noting | undefined;
  of(fn: AnyFunction): Note | undefined;
  annotate: Annotate;
}

/** Undefined where there is nothing to note. May throw. */
type Annotate = (source: string, isModule: boolean) => string | undefined;

const NOTES: unique symbol = Symbol.for("dure.captures") as never;

const holder = globalThis as { [NOTES]?: Notes };

/** Sets up the notes, unless another copy of dure has. `annotate` is what sources go through as they are loaded. */
export function keepNotes(annotate: Annotate): void {
  const notes: Notes = { sites, of: (fn) => NotedFunction.noteOf(fn), annotate };
  if (holder[NOTES] === undefined) Object.defineProperty(holder, NOTES, { value: notes });
}

/** The annotated source that a file was loaded as, if there is a loader for that and something to note in it. */
export function annotateAgain(source: string, isModule: boolean): string | undefined {
  try {
    return holder[NOTES]?.annotate(source, isModule);
  } catch {
    return undefined;
  }
}

/** Undefined for a function that is not noted. */
export function noteOf(fn: AnyFunction): Note | undefined {
  return holder[NOTES]?.of(fn);
}

function sites(noting: object): Noting | undefined {
  if (!isAsAnnotated(noting)) return undefined;
  const places: object[] = [];
  return (fn, read, site) => {
    const place = (places[site] ??= {});
    return new NotedFunction(fn, { read, place }) as unknown as AnyFunction;
  };
}

/** A constructor that gives back what it is given, so that fields of a class derived from it are put on that. */
const Given = function (given: object) {
  return given;
} as unknown as new (
  given: object,
) => object;

/** A private field of the function itself: nothing else can see it, and a `WeakMap` takes five times as long, and longer to collect. */
class NotedFunction extends Given {
  readonly #note: Note;

  constructor(fn: AnyFunction, note: Note) {
    super(fn);
    this.#note = note;
  }

  static noteOf(fn: AnyFunction): Note | undefined {
    return #note in fn ? (fn as unknown as NotedFunction).#note : undefined;
  }
}
