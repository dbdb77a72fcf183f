// Symbols that every thread has: registered ones, and those of the language. Called by the walk.

let wellKnownNames: Map<symbol, string> | undefined;

/** `iterator` for `Symbol.iterator`. */
export function wellKnownName(symbol: symbol): string | undefined {
  wellKnownNames ??= new Map(
    Object.getOwnPropertyNames(Symbol).flatMap((name) => {
      const value: unknown = Reflect.get(Symbol, name);
      return typeof value === "symbol" ? [[value, name] as const] : [];
    }),
  );
  return wellKnownNames.get(symbol);
}

export function isEverywhere(symbol: symbol): boolean {
  return Symbol.keyFor(symbol) !== undefined || wellKnownName(symbol) !== undefined;
}
