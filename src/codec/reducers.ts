// How users teach dure to send what it cannot send by itself.

import { sharedState } from "./shared-state.ts";

/** How an instance becomes something that can cross, and back. Both run by value: what they capture crosses with them. */
export interface Reducer<T extends object, D> {
  /** What the instance is made of. It may hold anything that can cross, other reduced instances too. */
  readonly reduce: (instance: T) => D;
  /** Makes an equal instance of it. Runs in the receiver. */
  readonly revive: (data: D) => T;
}

/** A class of any kind, abstract ones too. */
export type AnyClass<T extends object> = abstract new (...args: never[]) => T;

/** By prototype: what the walk has in hand. Weak, so that a class made in a function can go. */
const reducers: WeakMap<object, Registered> = registered();

/** Asked for by `registerReducer` each time, so that it can itself cross by value. */
function registered(): WeakMap<object, Registered> {
  return sharedState("reducers.1", () => new WeakMap());
}

/** A reducer with its class. */
export interface Registered extends Reducer<object, unknown> {
  readonly owner: AnyClass<object>;
  /** Of a class whose objects live in memory that threads share: the name by which every thread knows how to revive them. */
  readonly sharedName?: string;
}

/** How each thread revives objects of shared memory, by the names of their classes. */
const revivers: Map<string, (data: unknown) => object> = sharedState("revivers.1", () => new Map());

/**
 * Tells how instances of `Class` cross to other threads and processes: for classes with `#private` fields, or with
 * parts that cannot cross or need not.
 *
 * The reducer itself crosses too, so that tasks need not register it again; results come back by the same one. It
 * counts for instances of exactly this class. Registering again replaces.
 *
 * @example
 * ```ts
 * class Money {
 *   #cents: number;
 *   constructor(cents: number) { this.#cents = cents; }
 *   get cents() { return this.#cents; }
 * }
 * registerReducer(Money, { reduce: (money) => money.cents, revive: (cents) => new Money(cents) });
 * ```
 *
 * @throws {TypeError} If `Class` is not a class, or `reduce` or `revive` is not a function.
 */
export function registerReducer<T extends object, D>(Class: AnyClass<T>, reducer: Reducer<T, D>): void {
  if (typeof Class !== "function" || typeof Class.prototype !== "object") throw new TypeError("Cannot register a reducer as its first argument is not a class");
  for (const name of ["reduce", "revive"] as const) {
    if (typeof reducer?.[name] !== "function") throw new TypeError(`Cannot register the reducer of ${Class.name} as its \`${name}\` is not a function`);
  }
  registered().set(Class.prototype, {
    owner: Class,
    reduce: reducer.reduce as Registered["reduce"],
    revive: reducer.revive as Registered["revive"],
  });
}

/**
 * The same for a class of dure's own whose objects live in memory that threads share: not the reducer crosses but the
 * class's name, under which the receiver has its own. The copy of the class that a thread loads last is the one that its
 * modules use.
 */
export function registerSharedClass<T extends object, D>(Class: AnyClass<T>, sharedName: string, { reduce, revive }: Reducer<T, D>): void {
  registered().set(Class.prototype, { owner: Class, sharedName, reduce: reduce as Registered["reduce"], revive: revive as Registered["revive"] });
  revivers.set(sharedName, revive as (data: unknown) => object);
}

/** The object of shared memory that was sent under this name. */
export function reviveShared(sharedName: string, data: unknown): object {
  const revive = revivers.get(sharedName);
  if (revive === undefined) throw new TypeError(`Cannot receive a ${sharedName}: import the part of dure that it is from, "dure/sync" for a lock, beforehand`);
  return revive(data);
}

/** The reducer for objects with this prototype. */
export function reducerOf(prototype: object): Registered | undefined {
  return reducers.get(prototype);
}
