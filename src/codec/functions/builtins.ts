// What every thread has without being sent it: the names of the language and of Node, and the way to each of their
// functions and objects. Called by `dissect` and by the walker of values.

import { builtinModules } from "node:module";
import { builtinModule } from "./node-modules.ts";

/** Where something built in is found again: a global path, or a builtin module and a path in it. */
export interface BuiltinPlace {
  /** Undefined for globals. */
  readonly module: string | undefined;
  readonly path: readonly string[];
}

/** Globals that a fresh thread or process has. Others that a program adds are captured like variables. */
const GLOBAL_NAMES: ReadonlySet<string> = new Set(
  `AbortController AbortSignal AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array
  BigUint64Array Blob Boolean BroadcastChannel Buffer ByteLengthQueuingStrategy CloseEvent CompressionStream
  CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DataView Date DecompressionStream DisposableStack Error
  ErrorEvent EvalError Event EventSource EventTarget File FinalizationRegistry Float16Array Float32Array Float64Array
  FormData Function Headers Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math MessageChannel
  MessageEvent MessagePort NaN Navigator Number Object Performance PerformanceEntry PerformanceMark PerformanceMeasure
  PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming Promise Proxy QuotaExceededError RangeError
  ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
  ReadableStreamDefaultController ReadableStreamDefaultReader ReferenceError Reflect RegExp Request Response Set
  SharedArrayBuffer Storage String SubtleCrypto SuppressedError Symbol SyntaxError Temporal TextDecoder
  TextDecoderStream TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController TypeError URIError
  URL URLPattern URLSearchParams Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet
  WebAssembly WebSocket WritableStream WritableStreamDefaultController WritableStreamDefaultWriter atob btoa
  clearImmediate clearInterval clearTimeout console crypto decodeURI decodeURIComponent encodeURI encodeURIComponent
  escape eval fetch gc global globalThis isFinite isNaN localStorage navigator parseFloat parseInt performance process
  queueMicrotask sessionStorage setImmediate setInterval setTimeout structuredClone undefined unescape`.split(/\s+/),
);

/** Reading these has effects: warnings, files, deprecated modules. */
const LEFT_ALONE: ReadonlySet<string> = new Set(["localStorage", "sessionStorage", "gc", "global", "globalThis", "eval"]);

/** Looking at one of these loads a large part of Node, for tens of milliseconds, unless the program has used it. */
const OF_UNDICI: ReadonlySet<string> = new Set(["CloseEvent", "EventSource", "FormData", "Headers", "MessageEvent", "Request", "Response", "WebSocket"]);
const UNDICI = "NativeModule internal/deps/undici/undici";

/** Getters of builtin modules that are worth following. */
const FOLLOWED_GETTERS: ReadonlySet<string> = new Set(["promises", "webcrypto", "subtle", "constants", "posix", "win32"]);

export function isGlobalName(name: string): boolean {
  return GLOBAL_NAMES.has(name);
}

let places: Map<unknown, BuiltinPlace> | undefined;
let loadedBefore = -1;

/** Where a builtin function, class or namespace object is found, or undefined for what is not built in. */
export function builtinPlace(value: unknown): BuiltinPlace | undefined {
  const known = places?.get(value);
  if (known !== undefined) return known;
  // Looked for again only if Node has loaded more of itself since.
  const loaded = loadList().length;
  if (places !== undefined && loaded === loadedBefore) return undefined;
  places = collectPlaces(loadedModules());
  loadedBefore = loadList().length;
  return places.get(value);
}

function loadList(): readonly string[] {
  return (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
}

/** Only modules that are loaded already: nobody can hold a function of another. */
function loadedModules(): string[] {
  const loaded = new Set(loadList().map((entry) => entry.replace(/^NativeModule /, "")));
  return builtinModules.filter((name) => !name.startsWith("_") && loaded.has(name.replace(/^node:/, "")));
}

function collectPlaces(modules: readonly string[]): Map<unknown, BuiltinPlace> {
  const found = new Map<unknown, BuiltinPlace>();
  const isUndiciLoaded = loadList().includes(UNDICI);
  for (const name of GLOBAL_NAMES) {
    // Nobody can hold what has not been loaded.
    if (LEFT_ALONE.has(name) || (OF_UNDICI.has(name) && !isUndiciLoaded)) continue;
    const value = (globalThis as Record<string, unknown>)[name];
    collect(found, value, undefined, [name], 2);
  }
  collectHidden(found);
  for (const name of modules) collect(found, builtinModule(name), `node:${name.replace(/^node:/, "")}`, [], 2);
  return found;
}

/** Constructors that have no global name, found by way of an instance. */
function collectHidden(found: Map<unknown, BuiltinPlace>): void {
  const typedArray = Object.getPrototypeOf(Uint8Array) as object;
  found.set(typedArray, { module: undefined, path: ["Uint8Array", "__proto__"] });
}

/** Breadth is a module's exports and what they hold; the first place found for a value is the shortest. */
function collect(found: Map<unknown, BuiltinPlace>, value: unknown, module: string | undefined, path: readonly string[], depth: number): void {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return;
  const known = found.get(value);
  // A global stays one: that needs no module.
  if (known !== undefined && (known.path.length <= path.length || (known.module === undefined && module !== undefined))) return;
  if (path.length <= 1 || typeof value === "function" || isNamespace(value)) found.set(value, { module, path });
  if (depth === 0 || (path.length > 0 && typeof value === "object" && !isNamespace(value))) return;
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (key === "constructor" || key === "caller" || key === "arguments") continue;
    collect(found, "value" in descriptor ? descriptor.value : followedGetter(value, key), module, [...path, key], depth - 1);
  }
}

function followedGetter(value: object, key: string): unknown {
  if (!FOLLOWED_GETTERS.has(key)) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    // A prototype's getter, which wants an instance.
    return undefined;
  }
}

/** Whether an object is a collection of functions (`Math`, `fs.promises`, a prototype) and no instance with state. */
function isNamespace(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return (
    prototype === null || prototype === Object.prototype || prototype === Function.prototype || value === console || value === process || value === performance
  );
}
