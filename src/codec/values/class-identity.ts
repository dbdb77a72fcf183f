// Classes that are the same on both sides of a crossing, though each side has its own: an instance that comes back is
// an instance of the caller's own class.

import { sharedState } from "../shared-state.ts";

type AnyFunction = (...args: never[]) => unknown;

interface Identities {
  /** What the identities of this thread's own classes begin with. */
  readonly home: string;
  readonly identities: WeakMap<AnyFunction, string>;
  /** Weak: a class made for one task must not outlive it. */
  readonly classes: Map<string, WeakRef<AnyFunction>>;
  readonly forgetting: FinalizationRegistry<string>;
  count: number;
}

const shared: Identities = sharedState("classIdentities.1", makeIdentities);

function makeIdentities(): Identities {
  const classes: Identities["classes"] = new Map();
  return {
    home: `${process.pid.toString(36)}${Math.random().toString(36).slice(2)}`,
    identities: new WeakMap(),
    classes,
    forgetting: new FinalizationRegistry((identity) => {
      if (classes.get(identity)?.deref() === undefined) classes.delete(identity);
    }),
    count: 0,
  };
}

/** The name of a class that all sides know it by. */
export function identityOf(Class: AnyFunction): string {
  let identity = shared.identities.get(Class);
  if (identity === undefined) adopt(Class, (identity = `${shared.home}.${(shared.count += 1)}`));
  return identity;
}

/** Whether the class came from elsewhere, so that somebody else knows it by this identity. */
export function isFromElsewhere(identity: string): boolean {
  return !identity.startsWith(`${shared.home}.`);
}

/** This side's class, if it has one. */
export function classByIdentity(identity: string): AnyFunction | undefined {
  return shared.classes.get(identity)?.deref();
}

/** Makes a class this side's form of an identity that came from elsewhere. */
export function adopt(Class: AnyFunction, identity: string): void {
  if (shared.identities.has(Class)) {
    // By reference the caller's own class came back, under a worker's name for it: it keeps its first name.
    shared.classes.set(identity, new WeakRef(Class));
    return;
  }
  shared.identities.set(Class, identity);
  shared.classes.set(identity, new WeakRef(Class));
  shared.forgetting.register(Class, identity);
}
