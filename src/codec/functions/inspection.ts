// Asks V8's inspector, in this process, where a function's source is and what it captured. Each question is one
// synchronous section that connects, reads and disconnects: a session left connected keeps logged objects alive and
// slows console.log and await. Called by `dissect` only.

import type * as Inspector from "node:inspector";
import { SerializationError } from "../../contract/errors.ts";
import { messageOf } from "../../contract/message-of.ts";
import { builtinModule } from "./node-modules.ts";
import { addScript, knownScript, noteScript, type CountedScript } from "./known-scripts.ts";
import type { Script } from "./script.ts";

type AnyFunction = (...args: never[]) => unknown;
type InspectorModule = typeof Inspector;
type Scopes = readonly { readonly description?: string; readonly object: Record<string, unknown> }[];

/** What the inspector knows of one function. Its methods work only inside the section that gave it. */
export interface Inspection {
  /** Undefined for native and bound functions. */
  readonly location: FunctionLocation | undefined;
  readonly bound: BoundParts | undefined;
  /** The scopes around the function, innermost first. The objects are copies made now, but for the global object. */
  scopes(): Scopes;
  /** Values of the object's own private fields, as far as they are asked for by name without the `#`. */
  privateFields(names: readonly string[]): unknown[];
  /** That the function, which has a location, is from. */
  script(): Script;
}

/** Where a function's source starts, in lines and columns of the script (from 0). */
export interface FunctionLocation {
  readonly scriptId: string;
  readonly line: number;
  readonly column: number;
}

export interface BoundParts {
  readonly target: AnyFunction;
  readonly boundThis: unknown;
  readonly boundArgs: readonly unknown[];
}

/** How values pass between this module and the inspector's side: a property of an object that both have, present only during a call. */
const HAND_OVER: unique symbol = Symbol.for("dure.codec.inspection") as never;

const SYMBOL = 'Symbol.for("dure.codec.inspection")';

/** An object of this thread, and how the inspector's side, which is the thread's main context, gets at it. */
interface MeetingPoint {
  readonly holder: Record<symbol, unknown>;
  readonly expression: string;
}

let meetingPoints: readonly MeetingPoint[] | undefined;
let inspectorModule: InspectorModule | undefined;
/** The section that is open, if the question comes from within another. */
let current: Section | undefined;

/** Runs `read` with the facts of one function. */
export function inspect<T>(fn: AnyFunction, path: string, read: (inspection: Inspection) => T): T {
  return inOneSection((section) => read(section.inspection(fn, path)));
}

/** Runs `run`, in which all functions that are inspected share one connection. It must be synchronous. */
export function inOneSection<T>(run: (section: Section) => T): T {
  if (current !== undefined) return run(current);
  current = new Section();
  try {
    return run(current);
  } finally {
    current.end();
    current = undefined;
  }
}

function connect(path: string): Inspector.Session {
  try {
    // Loaded when first needed: it is a part of Node that most programs never touch.
    inspectorModule ??= builtinModule("node:inspector") as InspectorModule;
    const session = new inspectorModule.Session();
    session.connect();
    return session;
  } catch (cause) {
    throw new SerializationError(
      `Cannot look into the function at ${path} as Node's inspector is not available here (${messageOf(cause)}); export the function and name it with task(import.meta.url, "exportName")`,
      { path, cause },
    );
  }
}

class Section {
  /** Made for the first question: most packs ask none. */
  #session: Inspector.Session | undefined;
  #isDebugging = false;

  inspection(fn: AnyFunction, path: string): Inspection {
    this.#session ??= connect(path);
    const functionId = this.#handOver(fn);
    const properties = this.#post("Runtime.getProperties", { objectId: functionId, ownProperties: true }) as Inspector.Runtime.GetPropertiesReturnType;
    const internal = new Map(properties.internalProperties?.map((property) => [property.name, property.value]));
    const location = locationOf(internal.get("[[FunctionLocation]]"));
    const scopes = (): Scopes => this.#scopes(internal.get("[[Scopes]]"));
    return {
      location,
      bound: this.#boundParts(internal),
      scopes,
      privateFields: (names) => this.#privateFields(properties, names),
      script: () => this.#script(location as FunctionLocation, Function.prototype.toString.call(fn), scopes),
    };
  }

  end(): void {
    // Before disconnecting: an agent that is only dropped has left `await` slow.
    if (this.#isDebugging) this.#post("Debugger.disable");
    this.#session?.disconnect();
  }

  #boundParts(internal: Map<string, Inspector.Runtime.RemoteObject | undefined>): BoundParts | undefined {
    if (!internal.has("[[TargetFunction]]")) return undefined;
    return {
      target: this.#take(internal.get("[[TargetFunction]]")) as AnyFunction,
      boundThis: this.#take(internal.get("[[BoundThis]]")),
      boundArgs: Array.from(this.#take(internal.get("[[BoundArgs]]")) as unknown[]),
    };
  }

  #scopes(list: Inspector.Runtime.RemoteObject | undefined): Scopes {
    return list === undefined ? [] : (this.#take(list, "Array.from(this)") as Scopes);
  }

  #privateFields(properties: Inspector.Runtime.GetPropertiesReturnType, names: readonly string[]): unknown[] {
    // Newer than the types: private properties come beside the others.
    const found = (properties as { privateProperties?: { name: string; value?: Inspector.Runtime.RemoteObject }[] }).privateProperties ?? [];
    return names.map((name) => this.#take(found.find((property) => property.name === `#${name}`)?.value));
  }

  #script(location: FunctionLocation, text: string, scopes: () => Scopes): Script {
    const { scriptId } = location;
    const isInModule = (): boolean => scopes().some(({ description }) => description === "Module");
    const known = knownScript({ text, location, isInModule }, () => this.#counts());
    if (known !== undefined) return known;
    this.#enableDebugger();
    const { scriptSource } = this.#post("Debugger.getScriptSource", { scriptId }) as Inspector.Debugger.GetScriptSourceReturnType;
    return addScript(scriptId, scriptSource);
  }

  /** Asked without enabling the profiler: disabling it would end a coverage that someone else is taking. */
  #counts(): readonly CountedScript[] {
    return (this.#post("Profiler.getBestEffortCoverage") as Inspector.Profiler.GetBestEffortCoverageReturnType).result;
  }

  /** Costs milliseconds, as it visits every script there is; so all that it tells is kept. */
  #enableDebugger(): void {
    if (this.#isDebugging) return;
    this.#session?.on("Debugger.scriptParsed", ({ params }) => noteScript(params));
    this.#isDebugging = true;
    this.#post("Debugger.enable");
  }

  /** Gives a value of ours to the inspector: its object id there. */
  #handOver(value: AnyFunction): string {
    for (const point of this.#points()) {
      const id = withHandOver(
        point,
        value,
        () => (this.#post("Runtime.evaluate", { expression: point.expression }) as Inspector.Runtime.EvaluateReturnType).result.objectId,
      );
      if (id === undefined) continue;
      meetingPoints = [point];
      return id;
    }
    throw new Error("The inspector cannot be given a function");
  }

  /** Reading a property of process is quicker; but Jest gives its sandboxes another process. */
  #points(): readonly MeetingPoint[] {
    return (meetingPoints ??= [
      { holder: process as unknown as MeetingPoint["holder"], expression: `process[${SYMBOL}]` },
      { holder: inspectorModule?.Session as unknown as MeetingPoint["holder"], expression: `process.getBuiltinModule("node:inspector").Session[${SYMBOL}]` },
    ]);
  }

  /** Takes a value of the inspector's as itself. */
  #take(remote: Inspector.Runtime.RemoteObject | undefined, what = "this"): unknown {
    if (remote === undefined) return undefined;
    if (remote.objectId === undefined) return primitiveOf(remote);
    const point = this.#points()[0] as MeetingPoint;
    let taken: unknown;
    const take = (value: unknown): void => {
      taken = value;
    };
    withHandOver(point, take, () =>
      this.#post("Runtime.callFunctionOn", { objectId: remote.objectId, functionDeclaration: `function () { ${point.expression}(${what}); }` }),
    );
    return taken;
  }

  #post(method: string, parameters?: object): unknown {
    let answer: unknown;
    let failure: Error | null = null;
    // In this thread the answer comes before `post` returns.
    this.#session?.post(method, parameters, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw Object.assign(new Error(`${method}: ${(failure as Error).message}`), { cause: failure });
    return answer;
  }
}

function withHandOver<T>({ holder }: MeetingPoint, value: unknown, run: () => T): T {
  holder[HAND_OVER] = value;
  try {
    return run();
  } finally {
    delete holder[HAND_OVER];
  }
}

function locationOf(remote: Inspector.Runtime.RemoteObject | undefined): FunctionLocation | undefined {
  const value = remote?.value as { scriptId: string; lineNumber: number; columnNumber: number } | undefined;
  return value && { scriptId: value.scriptId, line: value.lineNumber, column: value.columnNumber };
}

function primitiveOf(remote: Inspector.Runtime.RemoteObject): unknown {
  if (remote.unserializableValue === undefined) return remote.subtype === "null" ? null : remote.value;
  const text = remote.unserializableValue;
  return text.endsWith("n") ? BigInt(text.slice(0, -1)) : text === "-0" ? -0 : Number(text);
}
