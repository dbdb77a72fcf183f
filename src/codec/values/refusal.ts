// Says why a value cannot cross, and what to do instead.

import { types } from "node:util";

/** What something is and why it stays here, for the message of a `SerializationError`. */
export interface Refusal {
  readonly what: string;
  readonly mend: string;
}

/** Refusals of what no reducer and no boundary can help. Undefined if the object may cross as far as this can tell. */
export function refusalOf(value: object): Refusal | undefined {
  if (types.isProxy(value))
    return { what: "is a Proxy, and what it would answer cannot be known from outside", mend: "send its target, or a plain copy of what you need of it" };
  if (types.isPromise(value)) return { what: "is a promise, which belongs to this thread's event loop", mend: "await it and send its result" };
  if (types.isWeakMap(value) || types.isWeakSet(value))
    return {
      what: `is a ${types.isWeakMap(value) ? "WeakMap" : "WeakSet"}, whose entries cannot be listed`,
      mend: "send a Map, a Set or an array of what is needed",
    };
  if (value instanceof WeakRef) return { what: "is a WeakRef, and its target may go away", mend: "send what deref() returns" };
  if (value instanceof FinalizationRegistry) return { what: "is a FinalizationRegistry, which belongs to this thread", mend: "make one in the task" };
  if (types.isGeneratorObject(value))
    return {
      what: "is a generator, whose position in its code cannot be copied",
      mend: "send an array of its values (`[...generator]`), or the generator function",
    };
  if (value instanceof AbortSignal || value instanceof AbortController)
    return {
      what: `is an ${value.constructor.name}, which belongs to this thread`,
      mend: "give the signal to the task, as pool.with({ signal }), which has it as currentTask().signal",
    };
  if (types.isExternal(value)) return { what: "is a pointer of native code", mend: "keep it where it is" };
  return iteratorRefusal(value);
}

function iteratorRefusal(value: object): Refusal | undefined {
  const tag = String(Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value) ?? {}, Symbol.toStringTag)?.value);
  if (types.isMapIterator(value) || types.isSetIterator(value) || / Iterator$| Iterator Helper$/.test(tag))
    return { what: "is an iterator, whose position cannot be copied", mend: "send an array of its values (`[...iterator]`)" };
  return undefined;
}
