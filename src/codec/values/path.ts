// How errors name a value: `args[0].users[3].callback`, `args[1].get("k")`.

/** One step into a value. Strings, numbers and symbols are properties; the rest says where else a value can be. */
export type PathKey =
  | string
  | number
  | symbol
  | { readonly mapKey: number }
  | { readonly mapValueOf: unknown }
  | { readonly setMember: number }
  | { readonly boundArgument: number }
  | CapturedKey;

/** A captured variable, and the function that captures it. Paths start anew at it: users know variables by name. */
export interface CapturedKey {
  readonly captured: string;
  readonly by: string;
}

/** The innermost captured variable on the path. */
export function lastCaptured(keys: readonly PathKey[]): CapturedKey | undefined {
  return keys.findLast((key): key is CapturedKey => typeof key === "object" && "captured" in key);
}

/** The text of a path. */
export function describePath(wholeRoot: string, allKeys: readonly PathKey[]): string {
  const captured = lastCaptured(allKeys);
  const root = captured?.captured ?? wholeRoot;
  const keys = captured === undefined ? allKeys : allKeys.slice(allKeys.lastIndexOf(captured) + 1);
  // A very deep value would give a path that nobody reads: its start and its end say enough.
  if (keys.length <= 40) return keys.reduce<string>(appendKey, root);
  return keys.slice(-20).reduce<string>(appendKey, `${keys.slice(0, 20).reduce<string>(appendKey, root)}…`);
}

function appendKey(path: string, key: PathKey): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (key === "[[BoundThis]]") return `${path}${key}`;
  if (typeof key === "string") return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
  if (typeof key === "symbol") return `${path}[${describeSymbol(key)}]`;
  if ("mapKey" in key) return `[...${path}.keys()][${key.mapKey}]`;
  if ("captured" in key) return key.captured;
  if ("boundArgument" in key) return `${path}[[BoundArgs]][${key.boundArgument}]`;
  if ("setMember" in key) return `[...${path}][${key.setMember}]`;
  return `${path}.get(${describeMapKey(key.mapValueOf)})`;
}

/** As a program writes it. */
function describeSymbol(symbol: symbol): string {
  const registered = Symbol.keyFor(symbol);
  return registered === undefined ? String(symbol.description) : `Symbol.for(${JSON.stringify(registered)})`;
}

function describeMapKey(key: unknown): string {
  if (typeof key === "string") return JSON.stringify(key);
  if (typeof key === "bigint") return `${key}n`;
  if (typeof key === "object" && key !== null) return "{…}";
  if (typeof key === "function") return "() => …";
  return Object.is(key, -0) ? "-0" : String(key);
}
