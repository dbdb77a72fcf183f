import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readItems } from "#dure/cli/items-file.js";

const folder = mkdtempSync(join(tmpdir(), "dure-items-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("readItems() takes each element of a JSON array as an item, with or without a byte order mark", () => {
  assert.deepEqual(readItems(file("a.json", '[[1, 2], null, "x"]')), [[1, 2], null, "x"]);
  assert.deepEqual(readItems(file("bom.json", "\uFEFF[1]")), [1]);
});

test("readItems() takes each line of NDJSON as an item, by the file's ending or by what it holds", () => {
  assert.deepEqual(readItems(file("a.ndjson", "[1,2]\n\n")), [[1, 2]]);
  assert.deepEqual(readItems(file("a.jsonl", "1\r\n2\r\n")), [1, 2]);
  assert.deepEqual(readItems(file("lines.json", "[1,2]\n[3,4]\n")), [
    [1, 2],
    [3, 4],
  ]);
});

const REFUSED: [string, string, RegExp][] = [
  ["words.json", "not json", /words\.json is not JSON \(.*array with one element per item/],
  ["object.json", '{"a": 1}', /must hold an array .*, got an object/],
  ["null.json", "null", /got null; a single item stands in \[ \]$/],
  ["nothing.json", "", /^Cannot try a function without items: .*nothing\.json holds none$/],
  ["empty.json", "[]", /holds none/],
  ["empty.ndjson", "\n", /holds none/],
  ["broken.ndjson", "1\n{", /line 2 of .*broken\.ndjson is not JSON/],
];

for (const [name, text, message] of REFUSED) {
  test(`readItems() refuses ${name} and says why`, () => {
    assert.throws(() => readItems(file(name, text)), { name: "UsageError", message });
  });
}

test("readItems() refuses a file that is not there, and a directory", () => {
  assert.throws(() => readItems(join(folder, "none.json")), { name: "UsageError", message: /there is no such file/ });
  assert.throws(() => readItems(folder), { name: "UsageError", message: /it is a directory/ });
});
