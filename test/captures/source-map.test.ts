// The source map of an annotated source says of each place what the one before said of it.

import assert from "node:assert/strict";
import { SourceMap, type SourceMapPayload } from "node:module";
import { test } from "node:test";
import { transform } from "esbuild";
import { annotate } from "#dure/captures/annotate.js";

const TYPESCRIPT = `
const first: number = 1;
const pool = { submit: <T>(fn: () => T): T => fn() };
pool.submit(() => first); const second: number = pool.submit(() => first + 1);
function third(x: number): number {
  return pool.submit(() => x + second) + [10, 20, 30].map((each) => pool.submit(() => each * x)).length;
}
export const last = third(pool.submit(() => 4));
`;

function mapOf(source: string): SourceMap {
  const encoded = [...source.matchAll(/^\/\/# sourceMappingURL=data:application\/json;base64,(\S+)$/gm)].at(-1)?.[1] ?? "";
  return new SourceMap(JSON.parse(Buffer.from(encoded, "base64").toString()) as SourceMapPayload);
}

/** Where in the original the map says that the text's occurrences are from. */
function origins(source: string, text: string): unknown[] {
  const map = mapOf(source);
  return [...source.split("\n//# ")[0]!.matchAll(new RegExp(text, "g"))].map(({ index }) => {
    const lines = source.slice(0, index).split("\n");
    const entry = map.findEntry(lines.length - 1, lines.at(-1)!.length) as { originalLine?: number; originalColumn?: number };
    return [entry.originalLine, entry.originalColumn];
  });
}

for (const minifyWhitespace of [true, false]) {
  test(`of a file ${minifyWhitespace ? "in one line" : "in lines"}`, async () => {
    const { code } = await transform(TYPESCRIPT, { loader: "ts", format: "esm", sourcemap: "inline", sourcefile: "a.ts", minifyWhitespace });
    const noted = annotate(code, true);
    assert.ok(noted !== undefined);
    for (const text of ["pool\\.submit", "third", "last", "each", "length", "return"]) {
      const expected = origins(code, text);
      // A reader has the names once more.
      const found = origins(noted, text);
      assert.ok(expected.length > 0);
      for (const origin of expected)
        assert.ok(
          found.some((each) => String(each) === String(origin)),
          `${text} ${String(origin)} ${String(found)}`,
        );
    }
    assert.deepEqual(origins(noted, "pool\\.submit"), origins(code, "pool\\.submit"));
  });
}

test("a source whose map cannot be read has none that is moved", () => {
  const source = "const x = 1; pool.submit(() => x);\n//# sourceMappingURL=data:application/json;base64,e30=";
  assert.equal(annotate(source, true)?.match(/sourceMappingURL/g)?.length, 1);
});

test("a file in one line whose map is elsewhere is left alone, as every line would be told wrong", () => {
  const source = `const x = 1; pool.submit(() => x); ${"f();".repeat(300)}`;
  assert.notEqual(annotate(source, true), undefined);
  assert.equal(annotate(`${source}\n//# sourceMappingURL=a.js.map`, true), undefined);
  assert.notEqual(annotate("const x = 1;\npool.submit(() => x);\n//# sourceMappingURL=a.js.map", true), undefined);
});
