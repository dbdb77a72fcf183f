// Classes that are the same on both sides of a crossing, though each side has its own: an instance that comes back is
// an instance of the caller's own class.

/** Of this thread; other threads and processes have others. */
const HOME = `${process.pid.toString(36)}${Math.random().toString(36).slice(2)}`;

type AnyFunction = (...args: never[]) => unknown;

const identities = new WeakMap<AnyFunction, string>();
/** Weak: a class made for one task must not outlive it. */
const classes = new Map<string, WeakRef<AnyFunction>>();
const forgetting = new FinalizationRegistry<string>((identity) => {
  if (classes.get(identity)?.deref() === undefined) classes.delete(identity);
});
let count = 0;

/** The name of a class that all sides know it by. */
export function identityOf(Class: AnyFunction): string {
  let identity = identities.get(Class);
  if (identity === undefined) adopt(Class, (identity = `${HOME}.${(count += 1)}`));
  return identity;
}

/** Whether the class came from elsewhere, so that somebody else knows it by this identity. */
export function isFromElsewhere(identity: string): boolean {
  return !identity.startsWith(`${HOME}.`);
}

/** This side's class, if it has one. */
export function classByIdentity(identity: string): AnyFunction | undefined {
  return classes.get(identity)?.deref();
}

/** Makes a class this side's form of an identity that came from elsewhere. */
export function adopt(Class: AnyFunction, identity: string): void {
  if (identities.has(Class)) {
    // By reference the caller's own class came back, under a worker's name for it: it keeps its first name.
    classes.set(identity, new WeakRef(Class));
    return;
  }
  identities.set(Class, identity);
  classes.set(identity, new WeakRef(Class));
  forgetting.register(Class, identity);
}
