import assert from "node:assert/strict";
import { test } from "node:test";
import { ArraySplitter } from "#dure/cli/map/array-splitter.js";
import { formatOfBeginning, formatOfName } from "#dure/cli/map/input-format.js";
import { LineSplitter } from "#dure/cli/map/line-splitter.js";
import type { RawItem, Splitter } from "#dure/cli/map/raw-item.js";

/** The items of a text that comes in chunks of so many bytes. */
function split(splitter: Splitter, text: string | Buffer, size: number): RawItem[] {
  const bytes = Buffer.from(text);
  const items: RawItem[] = [];
  for (let at = 0; at < bytes.length; at += size) items.push(...splitter.push(bytes.subarray(at, at + size)));
  return [...items, ...splitter.end()];
}

const texts = (items: RawItem[]): [number, string][] => items.map((item) => [item.line, item.flaw ?? item.text]);

const LINES: [fact: string, input: string | Buffer, expected: [number, string][]][] = [
  ["nothing", "", []],
  ["a last line without an end", "1\n2", [[1, "1"], [2, "2"]]], // biome-ignore format: a table
  ["blank lines, CR LF and a byte order mark", "\uFEFF1\r\n\r\n \t\n2\r\n", [[1, "1\r"], [4, "2\r"]]], // biome-ignore format: a table
  ["characters of several bytes", '"두레"\n"é"\n', [[1, '"두레"'], [2, '"é"']]], // biome-ignore format: a table
  ["bytes that are no text", Buffer.from([49, 10, 255, 254, 10, 50, 10]), [[1, "1"], [2, "it is not UTF-8 text"], [3, "2"]]], // biome-ignore format: a table
  ["a line that is too long, between others", `1\n${"x".repeat(60)}\n2\n`, [[1, "1"], [2, "it is longer than 50 bytes"], [3, "2"]]], // biome-ignore format: a table
];
for (const [fact, input, expected] of LINES) {
  test(`LineSplitter reads ${fact}, however the chunks fall`, () => {
    for (const size of [1, 2, 3, 7]) assert.deepEqual(texts(split(new LineSplitter(50), input, size)), expected, `chunks of ${size}`);
  });
}

const ARRAYS: [fact: string, input: string | Buffer, expected: [number, string][]][] = [
  ["an empty array", " [ ] \n", []],
  ["elements of every kind, with brackets, commas and quotes in strings", '[1, "a,]\\"[", {"b": [2, "}"]},\n [3]]', [[1, "1"], [1, '"a,]\\"["'], [1, '{"b": [2, "}"]}'], [2, "[3]"]]], // biome-ignore format: a table
  ["an array that does not end", "[1,\n2", [[1, "1"], [2, "the input ends within the array"]]], // biome-ignore format: a table
  ["text behind the array", "[1] 2", [[1, "1"], [1, "there is text behind the array"]]], // biome-ignore format: a table
  ["a missing element", "[1,,2]", [[1, "1"], [1, "an element of the array is missing"]]], // biome-ignore format: a table
  ["what is no array", '{"a": 1}', [[1, "a JSON array is expected"]]],
  ["nothing", "", [[1, "a JSON array is expected, and there is none"]]],
  ["bytes that are no text", Buffer.from([91, 49, 44, 255, 93]), [[1, "1"], [1, "the array is not UTF-8 text"]]], // biome-ignore format: a table
  ["an element that is too long", `[1,"${"x".repeat(60)}",2]`, [[1, "1"], [1, "it is longer than 50 characters"], [1, "2"]]], // biome-ignore format: a table
];
for (const [fact, input, expected] of ARRAYS) {
  test(`ArraySplitter reads ${fact}, however the chunks fall`, () => {
    for (const size of [1, 2, 3, 7]) assert.deepEqual(texts(split(new ArraySplitter(50), input, size)), expected, `chunks of ${size}`);
  });
}

test("the items of a splitter are numbered from 1, without blank lines", () => {
  assert.deepEqual(
    split(new LineSplitter(), "a\n\nb\n", 2).map((item) => item.number),
    [1, 2],
  );
});

const BEGINNINGS: [text: string, isAll: boolean, format: "lines" | "array" | undefined][] = [
  ["", false, undefined],
  ["", true, "lines"],
  ["1\n", false, "lines"],
  ['{"a":1}', false, "lines"],
  ["[1, 2", false, undefined],
  ["[1, 2]\n", false, undefined],
  ["[1, 2]\n", true, "array"],
  ["[1, 2]\n[3]\n", false, "lines"],
  ["[\n1,", false, "array"],
  ["\uFEFF [1]", true, "array"],
];
for (const [text, isAll, format] of BEGINNINGS) {
  test(`formatOfBeginning() takes ${JSON.stringify(text)}${isAll ? ", which is all," : ""} for ${format ?? "too little to tell"}`, () => {
    assert.equal(formatOfBeginning(text, isAll), format);
  });
}

test("formatOfName() knows lines by the file's ending", () => {
  assert.deepEqual(["a.ndjson", "a.JSONL", "a.json", "-"].map(formatOfName), ["lines", "lines", undefined, undefined]);
});
