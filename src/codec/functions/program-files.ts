// Which files are the program itself, as opposed to what it is made of: a worker that loads one would run the program
// again, and one that awaits it would wait for ever. Called when a function could cross by reference.

import type { AnyNode, Expression } from "acorn";
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { commonJsModules } from "./node-modules.ts";
import { parseProgram } from "./parser.ts";

/** Characters of a file that only starts another. What is longer, such as a bundle, does more, and takes long to parse. */
const MAX_STARTER = 5000;

const COMMENTS_AND_TEXTS = /^#!.*|\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;
/** What is left of a file that only starts another. */
const ONLY_IMPORTS = /^(?:[\s();{}:,]|import|await|require|with|type)*$/;

/** Of one `process.argv[1]`, which programs may set. */
let known: { readonly program: string; readonly files: ReadonlySet<string> } | undefined;

export function isProgramFile(path: string): boolean {
  const program = process.argv[1];
  if (program !== undefined && filesOf(program).has(path)) return true;
  return commonJsModules()[path]?.id === ".";
}

function filesOf(program: string): ReadonlySet<string> {
  if (known?.program !== program) {
    const entry = resolve(program);
    known = { program, files: new Set([...pathsOf(entry), ...startedBy(realPath(resolved(entry)))]) };
  }
  return known.files;
}

/** `node dir` and `node file` find their file by themselves: by the `main` of the folder's package, by what they add. */
function pathsOf(program: string): Set<string> {
  const paths = new Set<string>([resolved(program)]);
  for (const base of [program, realPath(program)]) {
    for (const rest of ["", "/index"]) {
      for (const extension of ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"]) paths.add(base + rest + extension);
    }
  }
  return paths;
}

/** What a file that does nothing but import, as those that packages name as `bin` do, imports: that is the program. */
function startedBy(entry: string): string[] {
  const specifiers = statementsOf(entry).map((statement) => specifierOf(statement));
  if (!specifiers.every((specifier) => specifier !== undefined)) return [];
  return specifiers.map((specifier) => resolved(specifier, entry));
}

function statementsOf(file: string): readonly AnyNode[] {
  try {
    const source = readFileSync(file, "utf8");
    // The parser takes milliseconds, and nearly every program does more.
    if (source.length > MAX_STARTER || !ONLY_IMPORTS.test(source.replace(COMMENTS_AND_TEXTS, ""))) return [];
    const { body } = parseProgram(source, "module");
    return body.filter((statement) => statement.type !== "ExpressionStatement" || statement.directive === undefined);
  } catch {
    // Types, perhaps: then it is taken to do more.
    return [];
  }
}

/** Of `import "x"`, `import("x")` and `require("x")`, where nothing else is in the statement. */
function specifierOf(statement: AnyNode): string | undefined {
  if (statement.type === "ImportDeclaration" && statement.specifiers.length === 0) return String(statement.source.value);
  if (statement.type !== "ExpressionStatement") return undefined;
  const { expression } = statement;
  const source = importedBy(expression.type === "AwaitExpression" ? expression.argument : expression);
  return source?.type === "Literal" && typeof source.value === "string" ? source.value : undefined;
}

function importedBy(expression: Expression): AnyNode | undefined {
  if (expression.type === "ImportExpression") return expression.source;
  const isRequire = expression.type === "CallExpression" && expression.callee.type === "Identifier" && expression.callee.name === "require";
  return isRequire ? expression.arguments[0] : undefined;
}

function resolved(path: string, from: string = path): string {
  try {
    return createRequire(from).resolve(path);
  } catch {
    return path;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
