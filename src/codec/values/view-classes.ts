// Every class of views on a buffer, by name. Asked by both sides.

export type ViewClass = new (buffer: ArrayBufferLike, offset?: number, length?: number) => ArrayBufferView;

const VIEW_CLASSES: ReadonlyMap<string, ViewClass> = new Map(
  [
    "Int8Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Float16Array",
    "Int32Array",
    "Uint32Array",
    "Float32Array",
    "Float64Array",
    "BigInt64Array",
    "BigUint64Array",
    "DataView",
  ].flatMap((name) => {
    const found: unknown = Reflect.get(globalThis, name);
    return typeof found === "function" ? [[name, found as never] as const] : [];
  }),
);

/** In the same order on both sides, which run the same Node. */
export const VIEW_CLASS_NAMES: readonly string[] = [...VIEW_CLASSES.keys()];

/** One of another name is seen as bytes. */
export function viewClassNamed(name: string): ViewClass {
  return VIEW_CLASSES.get(name) ?? Uint8Array;
}

const CLASSES_BY_PROTOTYPE: ReadonlyMap<unknown, ViewClass> = new Map([...VIEW_CLASSES.values()].map((View) => [View.prototype, View]));

/** The class whose instances, of no subclass, have this prototype. */
export function viewClassOf(prototype: unknown): ViewClass | undefined {
  return CLASSES_BY_PROTOTYPE.get(prototype);
}
