// Loads the parser when a function is first analysed: compiling it costs milliseconds that importing dure must not.

import { Script } from "node:vm";
import type { AnyNode, Node, Options, Program } from "acorn";
import { parserSource } from "./parser-source.generated.ts";

/** The part of acorn that is used here. */
interface Parser {
  parse(source: string, options: Options): Program;
}

let parser: Parser | undefined;

/** Parses a whole script or module; throws a SyntaxError with the position. */
export function parseProgram(source: string, sourceType: "module" | "script"): Program {
  parser ??= loadParser();
  return parser.parse(source, {
    ecmaVersion: "latest",
    // A file that is no module is the body of a function; a piece of code may use what surrounds it.
    sourceType: sourceType === "module" ? "module" : "commonjs",
    allowReturnOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowHashBang: true,
    checkPrivateFields: false,
  });
}

/** Calls `visit` with each child of a node, in the order of its fields. */
export function visitChildren(node: Node, visit: (child: AnyNode) => void): void {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item);
    } else if (isNode(value)) {
      visit(value);
    }
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function loadParser(): Parser {
  const module = { exports: {} };
  // A UMD script: it takes the function parameters for CommonJS.
  new Script(`(function (exports, module) {${parserSource()}\n})`, { filename: "dure:parser" }).runInThisContext()(module.exports, module);
  return module.exports as Parser;
}
