// Whether an object comes for the first time. A Set of very many takes a quarter of the time that writing them takes, as V8
// gives each object a number of its own for that. Records are mostly in some order, by their id or their time: where the first
// value of each is above that of the one before, no record is there twice, and none need be kept. Only should something else
// turn up that has the same keys, and might be one of them, they are kept after all.
//
// An object whose getter says something else each time may so be taken for several.

/** Records of one list that follow one another. */
export interface DistinctRun {
  /** Whether the record at this index comes for the first time. `first`: its first value. */
  add(record: object, first: unknown, index: number): boolean;
}

/** Objects among which one of a record's keys is looked for before it. More: a longer look before each list. */
const FEW = 64;

export class DistinctObjects implements DistinctRun {
  readonly #kept = new Set<object>();
  /** Those whose records are not kept, each with keys of its own. */
  #rising: RisingRun[] = [];

  /** Of anything but a plain object. */
  add(object: object): boolean {
    const { size } = this.#kept;
    // One call less than looking for it first.
    return this.#kept.add(object).size > size;
  }

  addPlain(object: object, keys: readonly string[]): boolean {
    if (this.#rising.length > 0 && !this.#keepLike(keys)) return false;
    return this.add(object);
  }

  /** Of records with these keys, from an index on. Undefined: one of them has been there twice. */
  begin(records: readonly unknown[], from: number, keys: readonly string[]): DistinctRun | undefined {
    if (!this.#keepLike(keys)) return undefined;
    if (keys.length === 0 || this.#kept.size > FEW || this.#hasKeptLike(keys)) return this;
    const run = new RisingRun(this, records, from, keys);
    this.#rising.push(run);
    return run;
  }

  #hasKeptLike(keys: readonly string[]): boolean {
    for (const object of this.#kept) if (!Array.isArray(object) && areSame(Object.keys(object), keys)) return true;
    return false;
  }

  /** Keeps the records that have these keys: what comes now may be one of them. False: one has been there twice. */
  #keepLike(keys: readonly string[]): boolean {
    const like = this.#rising.find((run) => areSame(run.keys, keys));
    return like === undefined || this.keep(like);
  }

  /** Keeps the records of a run. */
  keep(run: RisingRun): boolean {
    this.#rising = this.#rising.filter((other) => other !== run);
    return run.stop().every((record) => this.add(record));
  }
}

class RisingRun implements DistinctRun {
  readonly keys: readonly string[];
  readonly #owner: DistinctObjects;
  readonly #records: readonly unknown[];
  readonly #from: number;
  /** The index behind the last record. */
  #to: number;
  #last: number | string | undefined = undefined;
  #isRising = true;

  constructor(owner: DistinctObjects, records: readonly unknown[], from: number, keys: readonly string[]) {
    this.#owner = owner;
    this.#records = records;
    this.#from = from;
    this.#to = from;
    this.keys = keys;
  }

  add(record: object, first: unknown, index: number): boolean {
    if (!this.#isRising) return this.#owner.add(record);
    if (!isAbove(first, this.#last)) return this.#owner.keep(this) && this.#owner.add(record);
    this.#last = first;
    this.#to = index + 1;
    return true;
  }

  /** From now on each record is kept. Returns those that have not been. */
  stop(): object[] {
    this.#isRising = false;
    const records: object[] = [];
    for (let index = this.#from; index < this.#to; index += 1) records.push(this.#records[index] as object);
    return records;
  }
}

/** There is no order between values of different kinds, and none among others. */
function isAbove(value: unknown, last: number | string | undefined): value is number | string {
  const isOrdered = typeof value === "number" || typeof value === "string";
  return isOrdered && (last === undefined || (typeof value === typeof last && value > last));
}

export function areSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) if (some[index] !== others[index]) return false;
  return true;
}
