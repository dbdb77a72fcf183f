// Random nests of scopes, as the body of a function that gives a closure.

import * as fc from "fast-check";

const NAMES = ["a", "b", "c"];

/** The body of a function that declares some names, nests further functions, and ends with one that uses names. */
export const randomBody: fc.Arbitrary<string> = fc.letrec<{ body: string; declaration: string; use: string }>((tie) => ({
  declaration: fc.oneof(
    fc
      .tuple(fc.constantFrom("let", "const", "var"), fc.constantFrom(...NAMES), fc.nat(9))
      .map(([kind, name, value]) => ({ name, text: `${kind} ${name} = ${value};` })),
    fc.tuple(fc.constantFrom(...NAMES), fc.nat(9)).map(([name, value]) => ({ name, text: `function ${name}() { return ${value}; }` })),
    fc
      .tuple(fc.constantFrom(...NAMES), fc.nat(9))
      .map(([name, value]) => ({ name, text: `let ${name} = ${value}; const bump_${name} = () => { ${name}++; };` })),
    fc.tuple(fc.constantFrom(...NAMES), fc.nat(9)).map(([name, value]) => ({ name, text: `const { x: ${name} = ${value} } = {};` })),
  ) as unknown as fc.Arbitrary<string>,
  use: fc.constantFrom(
    "[a, b, c]",
    "[typeof a, b]",
    "((a) => [a, b])(c)",
    "((x = a, { b } = { b: 1 }) => [x, b])()",
    "(() => { { let a = 1; b; } return a; })()",
    "(() => { var c = a; return [c, b]; })()",
    "(function a() { return [typeof a, b]; })()",
    "({ a, b: c }).a",
    "(() => { try { throw 1; } catch (a) { return [a, b]; } })()",
    "(() => { for (let a = 0; a < 1; a++) b; return a; })()",
    "(() => { const r = []; for (const c of [a]) r.push(c); return [r, c]; })()",
  ),
  body: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(
        fc.uniqueArray(tie("declaration") as unknown as fc.Arbitrary<{ name: string; text: string }>, { selector: ({ name }) => name, maxLength: 3 }),
        tie("use"),
      )
      .map(
        ([declarations, use]) => `${declarations.map(({ text }) => text).join(" ")} return () => { ${bumps(declarations)} return JSON.stringify(${use}); };`,
      ),
    fc
      .tuple(
        fc.uniqueArray(tie("declaration") as unknown as fc.Arbitrary<{ name: string; text: string }>, { selector: ({ name }) => name, maxLength: 2 }),
        tie("body"),
      )
      .map(([declarations, inner]) => `${declarations.map(({ text }) => text).join(" ")} return (() => { ${inner} })();`),
  ),
})).body;

/** Calls what changes the variables, where the function sees it. */
function bumps(declarations: readonly { readonly name: string; readonly text: string }[]): string {
  return declarations
    .filter(({ text }) => text.includes("bump_"))
    .map(({ name }) => `bump_${name}();`)
    .join(" ");
}
