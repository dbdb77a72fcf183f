// Classes whose parts cannot change unless somebody changes the class itself: looked into once, as that takes a third of
// a millisecond, and instances are packed by the thousand.

import type { SourceFunction } from "../functions/dissected.ts";

type AnyFunction = (...args: never[]) => unknown;

interface FixedClass {
  readonly dissected: SourceFunction;
  /** What it was made of then: its parent, its own properties and those of its prototype, in turn names and values. */
  readonly members: readonly unknown[];
}

const classes = new WeakMap<AnyFunction, FixedClass>();

/** What the class was taken apart into, if it is still the same. */
export function fixedClass(Class: AnyFunction): SourceFunction | undefined {
  const known = classes.get(Class);
  if (known === undefined) return undefined;
  const members = membersOf(Class);
  const isSame = members.length === known.members.length && members.every((member, index) => member === known.members[index]);
  return isSame ? known.dissected : undefined;
}

export function keepFixedClass(Class: AnyFunction, dissected: SourceFunction): void {
  classes.set(Class, { dissected, members: membersOf(Class) });
}

function membersOf(Class: AnyFunction): unknown[] {
  const members: unknown[] = [Object.getPrototypeOf(Class)];
  addMembers(members, Class);
  addMembers(members, (Class as { prototype?: object }).prototype ?? {});
  return members;
}

function addMembers(members: unknown[], holder: object): void {
  for (const key of Reflect.ownKeys(holder)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    members.push(key, descriptor?.value ?? descriptor?.get, descriptor?.set);
  }
}
