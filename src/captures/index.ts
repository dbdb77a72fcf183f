// The entry of "dure/captures", to be loaded before the program: `node --import dure/captures program.js`. Loaded as hooks
// by itself, in a thread of Node's, it is the hook and nothing else.

import { keepNotes } from "../codec/functions/notes.ts";
import { annotate } from "./annotate.ts";
import { rewriteWhatLoads, rewrittenByHook } from "./loading.ts";
import type { LoadedModule } from "./rewriting.ts";

const AS_HOOKS = "?hooks";

if (!import.meta.url.endsWith(AS_HOOKS)) {
  keepNotes(annotate);
  rewriteWhatLoads(`${import.meta.url}${AS_HOOKS}`);
}

/** The hook that Node calls as it loads a module. Not to be called by programs. */
export async function load(url: string, context: unknown, next: (url: string, context: unknown) => Promise<LoadedModule>): Promise<LoadedModule> {
  return rewrittenByHook(url, await next(url, context));
}
