// Built-in objects with an inside that JavaScript cannot copy, but can describe and make again from the description.
// Both halves: the walk describes, the receiver makes.

/** By prototype, for those that every program has loaded. */
const BY_PROTOTYPE: ReadonlyMap<object, readonly [name: string, describe: (value: never) => unknown]> = new Map<
  object,
  readonly [name: string, describe: (value: never) => unknown]
>([
  [URL.prototype, ["URL", (url: URL) => url.href]],
  [URLSearchParams.prototype, ["URLSearchParams", (parameters: URLSearchParams) => parameters.toString()]],
]);

/** What makes an equal object of a built-in class: the class's name, and what to give to `makeDescribed`. */
export function describeBuiltin(value: object, prototype: object): readonly [name: string, description: unknown] | undefined {
  const known = BY_PROTOTYPE.get(prototype);
  if (known !== undefined) return [known[0], known[1](value as never)];
  // Not read from the object: it may be a getter of the user's that throws.
  const tag: unknown = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag)?.value;
  if (typeof tag !== "string" || !isBuiltin(tag, prototype)) return undefined;
  if (tag === "Headers") return [tag, [...(value as Iterable<unknown>)]];
  return tag.startsWith("Temporal.") ? [tag, (value as { toString(): string }).toString()] : undefined;
}

export function makeDescribed(name: string, description: unknown): unknown {
  const Class = globalNamed(name) as (new (description: unknown) => unknown) & { from(description: unknown): unknown };
  return name.startsWith("Temporal.") ? Class.from(description) : new Class(description);
}

/** Asked by tag first: looking at the global `Headers` makes Node load its HTTP client. */
function isBuiltin(tag: string, prototype: object): boolean {
  return (tag === "Headers" || tag.startsWith("Temporal.")) && (globalNamed(tag) as { prototype?: object } | undefined)?.prototype === prototype;
}

function globalNamed(name: string): unknown {
  return name.split(".").reduce<unknown>((holder, part) => (holder === undefined ? undefined : Reflect.get(holder as object, part)), globalThis);
}
