// `task(import.meta.url, "gcd")`: names a function by module and export, where nothing can be found out about it. Part
// of the public entry.

/** Shared by all copies of dure in a program. */
const EXPLICIT_TASK: unique symbol = Symbol.for("dure.task") as never;

/** Where a task's function is. */
export interface ExplicitTask {
  readonly module: string;
  readonly name: string;
}

/**
 * Names a module's export, to be submitted in its place. Needed only where functions cannot be looked into: in a runtime
 * without an inspector, or under Node's `--permission`.
 *
 * The worker imports the module and calls the export. Called here, the task does the same, so it gives a promise also
 * if the function does not. The module must not be the program's own file: a worker that imports that runs the
 * program again.
 *
 * @example
 * ```ts
 * import { task } from "dure";
 * import type * as math from "./math.ts";
 *
 * const gcd = task<typeof math.gcd>(new URL("./math.ts", import.meta.url), "gcd");
 * const divisor = await gcd([12, 18]);
 * ```
 *
 * @typeParam F The type of the function that the module exports.
 * @param module The module's URL: `import.meta.url`, or one made from it.
 * @param name The name of the export; `default` for the default export.
 * @throws {TypeError} If `module` is not an absolute URL, or `name` not a string.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- `unknown` would refuse every function with typed parameters
export function task<F extends (...args: any[]) => unknown>(module: string | URL, name: string): (...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>> {
  if (typeof name !== "string" || name === "") throw new TypeError(`The export's name must be a string that is not empty, not ${String(name)}`);
  const url = absoluteUrl(module);
  const call = async (...args: Parameters<F>): Promise<Awaited<ReturnType<F>>> => {
    const exports = (await import(url)) as Record<string, unknown>;
    const fn = exports[name];
    if (typeof fn !== "function")
      throw new TypeError(`The module ${url} has no function named "${name}"; it exports ${Object.keys(exports).join(", ") || "nothing"}`);
    return (await fn(...args)) as Awaited<ReturnType<F>>;
  };
  Object.defineProperty(call, "name", { value: name, configurable: true });
  return Object.defineProperty(call, EXPLICIT_TASK, { value: { module: url, name } satisfies ExplicitTask });
}

/** What `task` said of a function, by this copy of dure or another. */
export function explicitTask(fn: object): ExplicitTask | undefined {
  return (fn as { [EXPLICIT_TASK]?: ExplicitTask })[EXPLICIT_TASK];
}

function absoluteUrl(module: string | URL): string {
  try {
    return new URL(module).href;
  } catch (cause) {
    throw new TypeError(`The module must be an absolute URL such as import.meta.url, not ${String(module)}`, { cause });
  }
}
