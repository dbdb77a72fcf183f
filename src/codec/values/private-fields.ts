// Whether a class has `#private` members that its instances carry: copying an instance field by field would lose them.

import { parseProgram } from "../functions/parser.ts";

/** By class: the source of a class never changes. */
const known = new WeakMap<object, boolean>();

export function hasPrivateFields(constructor: object): boolean {
  let answer = known.get(constructor);
  if (answer === undefined) known.set(constructor, (answer = declaresPrivate(Function.prototype.toString.call(constructor))));
  return answer;
}

/** Static ones belong to the class, which carries them itself. */
function declaresPrivate(source: string): boolean {
  // Nearly every class is spared the parser.
  if (!source.includes("#") || !source.startsWith("class")) return false;
  const [statement] = parseProgram(`(${source})`, "script").body;
  const expression = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  if (expression?.type !== "ClassExpression") return false;
  return expression.body.body.some((member) => member.type !== "StaticBlock" && !member.static && member.key.type === "PrivateIdentifier");
}
