// Whether a class has `#private` members that its instances carry: copying an instance field by field would lose them.

/** By class: the source of a class never changes. */
const known = new WeakMap<object, boolean>();

export function hasPrivateFields(constructor: object): boolean {
  let answer = known.get(constructor);
  if (answer === undefined) known.set(constructor, (answer = mentionsPrivateName(Function.prototype.toString.call(constructor))));
  return answer;
}

/** Looks outside of comments and texts. */
function mentionsPrivateName(source: string): boolean {
  if (!source.includes("#")) return false;
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`/g, "");
  return /(?:^|[^\p{ID_Continue}$])#[\p{ID_Start}$_]/u.test(code);
}
