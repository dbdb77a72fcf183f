// Reads the items of a comparison or an examination: a JSON array, or one JSON value on each line (NDJSON).

import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { reasonOf } from "./system-error.ts";
import { UsageError } from "./usage-error.ts";
import { messageOf } from "../contract/message-of.ts";

/** The items in a file, or on standard input for `-`. At least one. */
export function readItems(path: string): unknown[] {
  const text = readText(path);
  const name = path === "-" ? "standard input" : path;
  const items = isByLine(path) || text.trim() === "" ? parseLines(name, text) : parseArray(name, text);
  if (items.length === 0) throw new UsageError(`Cannot try a function without items: ${name} holds none`);
  return items;
}

function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new UsageError(`Cannot read the items file ${path}: ${reasonOf(error)}`);
  }
}

function isByLine(path: string): boolean {
  return [".ndjson", ".jsonl"].includes(extname(path));
}

/** A file of any other name may hold lines too: it is taken as such if it is not JSON as a whole, but each line is. */
function parseArray(path: string, text: string): unknown[] {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    const lines = text.trim().split("\n");
    if (lines.length > 1 && lines.every(isJson)) return lines.map((line) => JSON.parse(line));
    throw new UsageError(
      `Cannot read the items: ${path} is not JSON (${messageOf(error)}). It must hold an array with one element per item, or one JSON value on each line`,
    );
  }
  if (!Array.isArray(whole))
    throw new UsageError(`Cannot read the items: ${path} must hold an array with one element per item, got ${kindOf(whole)}; a single item stands in [ ]`);
  return whole;
}

function parseLines(path: string, text: string): unknown[] {
  const items: unknown[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      items.push(JSON.parse(line));
    } catch (error) {
      throw new UsageError(`Cannot read the items: line ${index + 1} of ${path} is not JSON (${messageOf(error)})`);
    }
  }
  return items;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
