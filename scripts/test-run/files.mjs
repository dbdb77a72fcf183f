// The compiled test files, by part of their path.
import { readdirSync } from "node:fs";

/** All, or those whose path contains one of `parts`. */
export function testFiles(parts) {
  return readdirSync(".build/test", { recursive: true })
    .map((name) => `.build/test/${name}`)
    .filter((name) => name.endsWith(".test.js") && (parts.length === 0 || parts.some((part) => name.includes(part))))
    .sort();
}
