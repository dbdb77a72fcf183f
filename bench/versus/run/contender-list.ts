// Who takes part, under which name, and how its process is started.

import { fileURLToPath } from "node:url";

export interface ContenderEntry {
  /** As in the table. */
  readonly name: string;
  /** Its package, for the list of versions; none for what is part of the language or of this repository. */
  readonly packageName?: string;
  readonly language: "JavaScript" | "Python";
  /** The file in contenders/ or python/contenders/, without its ending. */
  readonly module: string;
  readonly kind: string;
  /** The measurements that it takes part in. Default: all. */
  readonly only?: readonly string[];
  /** Node's, for its process. */
  readonly flags?: readonly string[];
}

const ofJavaScript = (name: string, module: string, kind: string, packageName?: string): ContenderEntry => ({
  name,
  module,
  kind,
  language: "JavaScript",
  ...(packageName === undefined ? {} : { packageName }),
});

const ofPython = (name: string, module: string, packageName?: string): ContenderEntry => ({
  name,
  module,
  kind: "",
  language: "Python",
  ...(packageName === undefined ? {} : { packageName }),
});

const CAPTURES = ["--import", import.meta.resolve("dure/captures")];

export const CONTENDERS: readonly ContenderEntry[] = [
  ofJavaScript("serial loop", "serial", "calls"),
  ofJavaScript("serial loop, structuredClone", "serial", "copies"),
  ofJavaScript("dure serial", "dure", "serial"),
  ofJavaScript("dure threads", "dure", "threads"),
  ofJavaScript("dure processes", "dure", "processes"),
  // What spinning is for, and what it costs.
  { ...ofJavaScript("dure threads, spinning", "dure", "threads, spinning"), only: ["awaited", "idle"] },
  { ...ofJavaScript("dure processes, spinning", "dure", "processes, spinning"), only: ["awaited", "idle"] },
  // What is written for closures, where it is loaded before the program.
  { ...ofJavaScript("dure threads, captures", "dure", "threads, captures"), only: ["closures"], flags: CAPTURES },
  { ...ofJavaScript("dure processes, captures", "dure", "processes, captures"), only: ["closures"], flags: CAPTURES },
  ofJavaScript("piscina", "piscina", "threads", "piscina"),
  ofJavaScript("tinypool threads", "tinypool", "threads", "tinypool"),
  ofJavaScript("tinypool processes", "tinypool", "processes", "tinypool"),
  ofJavaScript("workerpool threads", "workerpool", "threads", "workerpool"),
  ofJavaScript("workerpool processes", "workerpool", "processes", "workerpool"),
  ofJavaScript("poolifier threads", "poolifier", "threads", "poolifier"),
  ofJavaScript("poolifier processes", "poolifier", "processes", "poolifier"),
  ofJavaScript("jest-worker threads", "jest-worker", "threads", "jest-worker"),
  ofJavaScript("jest-worker processes", "jest-worker", "processes", "jest-worker"),
  ofJavaScript("comlink", "comlink", "threads", "comlink"),
  ofJavaScript("raw worker_threads", "raw", "threads"),
  ofJavaScript("raw child_process", "raw", "processes"),
  ofPython("Python serial loop", "serial_loop"),
  ofPython("Python ThreadPoolExecutor", "thread_pool"),
  ofPython("Python ProcessPoolExecutor", "process_pool"),
  ofPython("Python joblib", "joblib_parallel", "joblib"),
  ofPython("Python mpire", "mpire_pool", "mpire"),
];

/** What runs with it: a program and its first arguments. `undefined`: there is no Python. */
export function commandOf(entry: ContenderEntry, python: string | undefined): readonly [string, ...string[]] | undefined {
  if (entry.language === "JavaScript") return [process.execPath, ...(entry.flags ?? []), fileURLToPath(new URL("../measure/main.js", import.meta.url))];
  return python === undefined ? undefined : [python, fileURLToPath(new URL("../../../python/main.py", import.meta.url))];
}
