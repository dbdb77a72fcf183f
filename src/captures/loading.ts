// Has modules of the program annotated as they are loaded. Newer Nodes ask hooks in the thread that loads, for modules of
// every kind. Older ones ask for ES modules in a thread beside it, and have CommonJS modules compile their text themselves.

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
  if (registerHooks !== undefined) {
    registerHooks({ load: (url, context, next) => rewritten(url, next(url, context)) });
    return;
  }
  nodeModule.register(hooks);
  rewriteWhatCompiles(nodeModule.Module as unknown as CompilingModule);
}

function rewriteWhatCompiles({ prototype }: CompilingModule): void {
  const { _compile: compile } = prototype;
  prototype._compile = function (content, filename, ...rest) {
    const { source } = rewritten(filename, { format: "commonjs", source: content });
    return compile.call(this, source, filename, ...rest);
  };
}
