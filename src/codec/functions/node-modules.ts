// Node's own modules, loaded when first needed and the same in a bundle, in a CommonJS build and in a worker's embedded
// entry, none of which can count on `import.meta.url`.

import { createRequire } from "node:module";
import { join } from "node:path";

/** A builtin module, by its name with or without `node:`. */
export function builtinModule(name: string): unknown {
  return process.getBuiltinModule(name as "node:module") ?? createRequire(join(process.cwd(), "index.js"))(name);
}

/** What Node keeps of a CommonJS module. */
export interface LoadedModule {
  readonly id: string;
  readonly filename: string | null;
  readonly loaded: boolean;
  readonly exports: unknown;
}

/** The real cache: test runners hand out a `require` with another. */
export function commonJsModules(): Readonly<Record<string, LoadedModule | undefined>> {
  const { _cache: cache } = builtinModule("node:module") as { _cache?: Record<string, LoadedModule> };
  return cache ?? {};
}
