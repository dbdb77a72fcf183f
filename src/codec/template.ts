// What of a function or class is the same for all its instances: sent once per worker, compiled or imported there
// once. The values of captured variables are not here; they travel with each instance.

/** An export of a module that the receiver loads as the sender did. */
export interface ReferenceTemplate {
  readonly kind: "reference";
  /** Unique within the sending process (or thread); never reused. */
  readonly id: number;
  readonly loader: "import" | "require";
  /** A `file:`, `data:` or `node:` URL for `import`; a path for `require`. */
  readonly module: string;
  /** The export's name (`default`, `gcd`), then properties of it. */
  readonly path: readonly string[];
}

/** Something of the language or of Node that every thread has by the same name: `Math.max`. */
export interface GlobalTemplate {
  readonly kind: "global";
  readonly id: number;
  readonly path: readonly string[];
}

/** What the source's `import.meta` is. */
export interface ImportMeta {
  /** Of the file. */
  readonly url: string;
  /** What Vite and Vitest put there, as it is now: texts and flags. */
  readonly env?: Readonly<Record<string, unknown>>;
}

/** The source of one function or class and the names of the variables that it takes from around it. */
export interface SourceTemplate {
  readonly kind: "source";
  readonly id: number;
  /** An expression that evaluates to the function or class. */
  readonly source: string;
  /** The file it comes from, and where in it the source starts (from 0), so that stacks are true. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Captured variables, in the order in which their values travel. */
  readonly variables: readonly string[];
  /** Names of what the source needs while it is evaluated (a class's computed keys); their values travel first. */
  readonly eager: readonly string[];
  /** Names of the `static #private` fields whose values travel, without the `#`. */
  readonly privateStatics: readonly string[];
  /** Whether the code around it is strict: of a module, of a class, or by a directive. */
  readonly strict: boolean;
  /** If the source uses it. */
  readonly importMeta?: ImportMeta;
  /** The path of the CommonJS file whose `require`, `__filename` and `__dirname` the source uses, if it does. */
  readonly requirePath?: string;
  readonly name: string;
}

/** A value that all who refer to it share: see `share`. */
export interface ValueTemplate {
  readonly kind: "value";
  readonly id: number;
  /** As it was packed. */
  readonly value: unknown;
  readonly coded: boolean;
}

export type Template = ReferenceTemplate | GlobalTemplate | SourceTemplate | ValueTemplate;
