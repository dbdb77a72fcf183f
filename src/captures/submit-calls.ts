// Finds the functions that are written where they are submitted: `pool.submit(() => ...)`.

import type { AnyNode, CallExpression, Node } from "acorn";
import { visitChildren } from "../codec/functions/parser.ts";

/** In the order of the source. Of functions one inside the other, the outer one counts: the inner one crosses with it. */
export function functionsSubmitted(program: Node, isWanted: (fn: Node) => boolean): Node[] {
  const found: Node[] = [];
  const visit = (node: AnyNode): void => {
    const submitted = node.type === "CallExpression" ? functionSubmitted(node) : undefined;
    const wanted = submitted !== undefined && isWanted(submitted) ? submitted : undefined;
    if (wanted !== undefined) found.push(wanted);
    visitChildren(node, (child) => {
      if (child !== wanted) visit(child);
    });
  };
  visitChildren(program, visit);
  return found.sort((a, b) => a.start - b.start);
}

function functionSubmitted({ callee, arguments: [first] }: CallExpression): Node | undefined {
  if (callee.type !== "MemberExpression" || callee.computed || callee.property.type !== "Identifier" || callee.property.name !== "submit") return undefined;
  return first?.type === "ArrowFunctionExpression" || first?.type === "FunctionExpression" ? first : undefined;
}
