// What all copies of dure in one thread must agree on: a worker has one copy in its entry and another that tasks import,
// and a program may have two versions.

/** Made once per thread, under a name that says its shape: another shape needs another name. */
export function sharedState<T>(name: string, make: () => T): T {
  const key = Symbol.for(`dure.${name}`);
  const scope = globalThis as { [key: symbol]: T | undefined };
  const known = scope[key];
  if (known !== undefined) return known;
  const made = make();
  // Not enumerable: nobody who lists globals should meet it.
  Object.defineProperty(globalThis, key, { value: made });
  return made;
}
