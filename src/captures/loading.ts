// Has modules of the program annotated as they are loaded: ES modules by a hook, in the thread that loads or, in older Nodes,
// in one beside it; CommonJS modules as they compile their text, after whatever else has rewritten it.

import * as nodeModule from "node:module";
import { rewritten, type LoadedModule } from "./rewriting.ts";

/** Newer than the types. */
interface NewerModule {
  registerHooks?(hooks: { load(url: string, context: unknown, next: (url: string, context: unknown) => LoadedModule): LoadedModule }): void;
}

/** What of a CommonJS module's constructor is used. */
interface CompilingModule {
  prototype: { _compile(this: unknown, content: string, filename: string, ...rest: unknown[]): unknown };
}

/** `hooks`: the module with the hook for Node's own thread of hooks. */
export function rewriteWhatLoads(hooks: string): void {
  const { registerHooks } = nodeModule as NewerModule;
  if (registerHooks === undefined) nodeModule.register(hooks);
  else registerHooks({ load: (url, context, next) => rewrittenByHook(url, next(url, context)) });
  rewriteWhatCompiles(nodeModule.Module as unknown as CompilingModule);
}

/** CommonJS is left to its compilation, unless Node is to strip its types: that may come after. */
export function rewrittenByHook(url: string, loaded: LoadedModule): LoadedModule {
  return loaded.format === "commonjs" ? loaded : rewritten(url, loaded);
}

function rewriteWhatCompiles({ prototype }: CompilingModule): void {
  const { _compile: compile } = prototype;
  prototype._compile = function (content, filename, ...rest) {
    const format = rest[0] === "module" ? "module" : "commonjs";
    const { source } = rewritten(filename, { format, source: content });
    return compile.call(this, source, filename, ...rest);
  };
}
