// Asserts types: a wrong one does not compile.

/** `true` if and only if both are the same type, `any` and optional fields included. */
export type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;

/** Compiles only if `value` has exactly the type `Expected`: `exactly<number>()(value)`. */
export function exactly<Expected>(): <Actual>(value: Actual, ...same: Equal<Actual, Expected> extends true ? [] : [never]) => void {
  return () => {};
}
