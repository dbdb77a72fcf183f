// What the source of one function or class says: its free variables, what it may not do to cross, and its text made
// ready to be compiled on its own. Computed once per source location; `dissect` adds the values.

import type { AnyNode, Class, Identifier, MethodDefinition, Node } from "acorn";
import { freeReferences, isWithin, type Binding, type FunctionFacts, type Reference, type ScopeAnalysis } from "./scope-analysis.ts";
import type { Script } from "./script.ts";
import { SourceEdits } from "./source-edits.ts";

/** Names that the receiver's factory supplies: they are never captured. */
export const SUPPLIED: { importMeta: string; coverage: string; base: string; statics: string; require: string } = {
  importMeta: "$dureImportMeta",
  coverage: "$dureCoverage",
  base: "$dureBase",
  statics: "$dureStatics",
  require: "$dureRequire",
};
const SUPPLIED_NAMES: ReadonlySet<string> = new Set(Object.values(SUPPLIED));

/** What `import.meta` has become in code that is no module any more: ours, and Vite's. */
export const IMPORT_META_NAMES: ReadonlySet<string> = new Set([SUPPLIED.importMeta, "__vite_ssr_import_meta__"]);

/** A name that the function takes from around it. */
export interface FreeVariable {
  readonly name: string;
  /** The name in the rewritten source: another where the variable is a cell. */
  readonly sourceName: string;
  /** Undefined where the program does not declare it: a global, a parameter of a wrapper, code of an `eval`. */
  readonly declaration: Declaration | undefined;
  /** Functions may assign it after they have crossed. */
  readonly isCell: boolean;
  /** Needed while a class is being defined. */
  readonly eager: boolean;
  /** The properties that are read of it, if nothing else is done with it. */
  readonly members: readonly string[] | undefined;
  /** Whether one of them is called with the object as `this`. */
  readonly memberCalled: boolean;
}

export interface Declaration {
  readonly kind: Binding["kind"];
  readonly isTopLevel: boolean;
  /** Identifies the declaration: at the top level, also the variable. */
  readonly id: string;
  /**
   * For variables of functions: other variables of the same scope that hold an object of their own in each call. If
   * two closures see the same object there, they were made by the same call.
   */
  readonly anchors: readonly string[];
  /** Assigned once, where it is declared. */
  readonly assignedOnce: boolean;
  /** Where the scope that holds it begins and ends, and where the variable is initialised. */
  readonly scopeStart: number;
  readonly scopeEnd: number;
  readonly initialisedAt: number;
  /** The initialiser cannot give `undefined`: reading that means that it has not run yet. */
  readonly neverUndefined: boolean;
  readonly imported: Binding["imported"];
}

/** Why a function cannot cross, and what to do; `when` limits it to a role or to functions that have scopes around them. */
export interface Refusal {
  readonly when: "always" | "task" | "scoped";
  readonly reason: string;
}

/** A method or accessor that a class declares, to be told from one that was added. */
export interface DeclaredMember {
  readonly isStatic: boolean;
  /** Undefined if it is computed. */
  readonly key: string | undefined;
  /** Ends with what the method itself gives as its source. */
  readonly text: string;
}

export interface FunctionAnalysis {
  readonly script: Script;
  readonly isClass: boolean;
  readonly isMethod: boolean;
  readonly strict: boolean;
  readonly line: number;
  readonly column: number;
  /** The rewritten source of everything but cells' names: see {@link textWith}. */
  readonly variables: readonly FreeVariable[];
  /** The name by which a method or accessor is defined. */
  readonly kind: "expression" | "method" | "get" | "set";
  readonly prefix: string;
  readonly text: string;
  readonly usesImportMeta: boolean;
  readonly hasHeritage: boolean;
  readonly privateStatics: readonly string[];
  readonly members: readonly DeclaredMember[];
  readonly refusals: readonly Refusal[];
}

export function analyseFunction(script: Script, facts: FunctionFacts): FunctionAnalysis {
  const analysis = script.analysis();
  const shape = shapeOf(facts);
  const edits = new SourceEdits(script.source);
  const removed = facts.node.type.startsWith("Class") ? rewriteClass(facts.node as Class, edits) : [];
  const references = freeReferences(analysis, facts.node).filter((reference) => !removed.some((part) => isWithin(reference, part)));
  const importMetas = analysis.importMetas.filter((meta) => isWithin(meta, facts.node) && !removed.some((part) => isWithin(meta, part)));
  for (const meta of importMetas) edits.replace(meta.start, meta.end, SUPPLIED.importMeta);
  const names = groupByName(references.filter((reference) => !substitute(reference, edits)));
  const keys = computedKeys(facts.node);
  const variables = [...names].filter(([name]) => !SUPPLIED_NAMES.has(name)).map(([name, uses]) => freeVariable(script, facts, name, uses, keys));
  for (const variable of variables) if (variable.isCell) rewriteAsCell(variable, names.get(variable.name) ?? [], analysis, edits);
  const start = facts.node.start;
  return {
    script,
    isClass: facts.node.type.startsWith("Class"),
    isMethod: shape.kind !== "expression",
    strict: facts.strict,
    ...script.positionOf(start),
    variables: variables.filter((variable) => !isOwnName(facts, variable)),
    kind: shape.kind,
    prefix: shape.prefix,
    text: edits.apply(start, facts.node.end),
    usesImportMeta: importMetas.length > 0 || references.some(({ name }) => IMPORT_META_NAMES.has(name)),
    hasHeritage: hasHeritage(facts.node),
    privateStatics: privateStaticsOf(facts.node),
    members: membersOf(facts.node, script.source),
    refusals: refusalsOf(analysis, facts),
  };
}

/** A recursive function needs no variable for its own name, as long as nobody assigns that. */
function isOwnName(facts: FunctionFacts, variable: FreeVariable): boolean {
  const { node } = facts;
  if (node.type === "ArrowFunctionExpression" || facts.container !== undefined) return false;
  const id = (node as { id?: { name: string; start: number } | null }).id;
  return id?.name === variable.name && variable.declaration?.assignedOnce === true && !variable.isCell;
}

function shapeOf({ node, container }: FunctionFacts): Pick<FunctionAnalysis, "kind" | "prefix"> {
  if (container === undefined || !("kind" in container)) return { kind: "expression", prefix: "" };
  const { async, generator } = node as { async: boolean; generator: boolean };
  const kind = container.kind === "get" || container.kind === "set" ? container.kind : "method";
  return { kind, prefix: `${async ? "async " : ""}${generator ? "*" : ""}` };
}

/** Counters of coverage tools and helpers of transpilers that only make sense in their own process. True if dealt with. */
function substitute(reference: Reference, edits: SourceEdits): boolean {
  const replacement = replacementFor(reference);
  if (replacement === undefined) return false;
  edits.replace(reference.start, reference.end, replacement);
  return true;
}

function replacementFor(reference: Reference): string | undefined {
  if (!reference.called) return IMPORT_META_NAMES.has(reference.name) ? SUPPLIED.importMeta : undefined;
  // istanbul's counters: `cov_1a2b3c().s[0]++`.
  if (/^cov_[0-9a-z]+$/.test(reference.name)) return SUPPLIED.coverage;
  return reference.name === "__vite_ssr_dynamic_import__" ? "import" : undefined;
}

function groupByName(references: readonly Reference[]): Map<string, Reference[]> {
  const groups = new Map<string, Reference[]>();
  for (const reference of references) {
    const group = groups.get(reference.name);
    if (group === undefined) groups.set(reference.name, [reference]);
    else group.push(reference);
  }
  // `arguments` and the like of an outer function are refused by name, not captured.
  groups.delete("arguments");
  return groups;
}

function freeVariable(script: Script, facts: FunctionFacts, name: string, uses: readonly Reference[], keys: readonly Node[]): FreeVariable {
  const binding = uses[0]?.binding;
  const members = uses.every((use) => use.member !== undefined) ? [...new Set(uses.map((use) => use.member as string))] : undefined;
  const isCell = binding === undefined ? uses.some((use) => use.writes) : isAssignedByFunctions(binding) || isShadowedByOwnName(facts, binding);
  return {
    name,
    sourceName: isCell ? `$dureCell_${name}` : name,
    declaration: binding && declarationOf(script, binding),
    isCell,
    eager: facts.node.type.startsWith("Class") && uses.some((use) => keys.some((key) => isWithin(use, key))),
    members,
    memberCalled: uses.some((use) => use.memberCalled),
  };
}

/** A declaration becomes an expression, in which its own name would mean itself even where somebody has assigned it. */
function isShadowedByOwnName({ node }: FunctionFacts, binding: Binding): boolean {
  const { id } = node as { id?: { name: string } | null };
  return node.type === "FunctionDeclaration" && id?.name === binding.name && (binding.declarations > 1 || binding.references.some((use) => use.writes));
}

/** Whether a function inside the one that declares the variable assigns it: only such assignments can cross. */
function isAssignedByFunctions(binding: Binding): boolean {
  return binding.references.some((reference) => reference.writes && ownerOf(reference.scope) !== ownerOf(binding.scope));
}

/** The function whose activation holds a scope. */
function ownerOf(scope: Binding["scope"]): Node {
  for (let current: Binding["scope"] | undefined = scope; current !== undefined; current = current.parent) {
    if (/Function|Program|PropertyDefinition|StaticBlock/.test(current.node.type)) return current.node;
  }
  return scope.node;
}

function declarationOf(script: Script, binding: Binding): Declaration {
  const isWritten = binding.references.some((reference) => reference.writes);
  const isTopLevel = binding.scope.parent === undefined;
  return {
    kind: binding.kind,
    isTopLevel,
    id: `${script.id}:${binding.start}`,
    anchors: isTopLevel ? [] : anchorsBeside(binding),
    assignedOnce: !isWritten && binding.declarations === 1,
    scopeStart: binding.scope.node.start,
    scopeEnd: binding.scope.node.end,
    initialisedAt: binding.initialisedAt,
    neverUndefined: binding.kind === "class" || (binding.initialiser !== undefined && isNeverUndefined(binding.initialiser as AnyNode)),
    imported: binding.imported,
  };
}

function anchorsBeside(binding: Binding): string[] {
  return [...binding.scope.bindings.values()].filter((other) => isAnchor(other)).map(({ name }) => name);
}

/** Whether the variable holds an object that each call makes anew. */
function isAnchor({ kind, initialiser, declarations, references }: Binding): boolean {
  if (kind === "self" || initialiser === undefined || declarations > 1 || references.some(({ writes }) => writes)) return false;
  return /^(Function|Class|ArrowFunction|Object|Array)/.test(initialiser.type);
}

function isNeverUndefined(node: AnyNode): boolean {
  switch (node.type) {
    case "Literal":
    case "TemplateLiteral":
    case "ArrayExpression":
    case "ObjectExpression":
    case "NewExpression":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ClassExpression":
    case "ClassDeclaration":
    case "BinaryExpression":
    case "UpdateExpression":
      return true;
    case "UnaryExpression":
      return node.operator !== "void";
    default:
      return false;
  }
}

function rewriteAsCell(variable: FreeVariable, uses: readonly Reference[], analysis: ScopeAnalysis, edits: SourceEdits): void {
  for (const use of uses) {
    const cell = `${variable.sourceName}.value`;
    // A call must not get the cell as `this`; and `(` must not join the statement above.
    const called = `${analysis.statementStarts.has(use.start) ? ";" : ""}(0, ${cell})`;
    edits.replace(use.start, use.end, use.shorthand ? `${variable.name}: ${cell}` : use.called ? called : cell);
  }
}

// Classes: static state travels as it is now, so that its initialisers do not run a second time; what a class extends
// is given to it afterwards, so that classes and what they refer to may be made in any order.

/** Removes what must not run again. Returns the removed parts. */
function rewriteClass(node: Class, edits: SourceEdits): Node[] {
  const removed: Node[] = [];
  if (node.superClass && hasHeritage(node)) {
    edits.replace(node.superClass.start, node.superClass.end, SUPPLIED.base);
    removed.push(node.superClass);
  }
  for (const element of node.body.body) {
    if (element.type === "StaticBlock" || (element.type === "PropertyDefinition" && element.static && element.key.type !== "PrivateIdentifier")) {
      edits.blank(element.start, element.end);
      removed.push(element);
    } else if (element.type === "PropertyDefinition" && element.static && element.value) {
      edits.blank(element.key.end, element.value.end, ";");
      removed.push(element.value);
    }
  }
  const statics = privateStaticsOf(node);
  if (statics.length > 0) {
    const assignments = statics.map((name, index) => `this.#${name} = values[${index}];`).join(" ");
    // At the end: a static block sees only the private fields that were defined before it.
    edits.insert(node.body.end - 1, ` static { ${SUPPLIED.statics}((values) => { ${assignments} }); } `);
  }
  return removed;
}

/** Whether the class extends something other than a literal `null`. */
function hasHeritage(node: Node): boolean {
  const { superClass } = node as { superClass?: AnyNode | null };
  return superClass !== undefined && superClass !== null && !(superClass.type === "Literal" && superClass.value === null);
}

function elementsOf(node: Node): readonly AnyNode[] {
  return node.type.startsWith("Class") ? (node as Class).body.body : [];
}

function privateStaticsOf(node: Node): string[] {
  return elementsOf(node).flatMap((element) =>
    element.type === "PropertyDefinition" && element.static && element.key.type === "PrivateIdentifier" ? [element.key.name] : [],
  );
}

function computedKeys(node: Node): Node[] {
  return elementsOf(node).flatMap((element) =>
    (element.type === "MethodDefinition" || element.type === "PropertyDefinition") && element.computed ? [element.key] : [],
  );
}

function membersOf(node: Node, source: string): DeclaredMember[] {
  return elementsOf(node).flatMap((element) =>
    element.type === "MethodDefinition" ? [{ isStatic: element.static, key: keyOf(element), text: source.slice(element.start, element.value.end) }] : [],
  );
}

function keyOf({ key, computed }: MethodDefinition): string | undefined {
  if (computed) return undefined;
  if (key.type === "Literal") return String(key.value);
  return key.type === "PrivateIdentifier" ? `#${key.name}` : (key as Identifier).name;
}

// Refusals.

function refusalsOf(analysis: ScopeAnalysis, facts: FunctionFacts): Refusal[] {
  return [...contextRefusals(analysis, facts), ...privateRefusals(analysis, facts), ...unanalysableRefusals(analysis, facts)];
}

function contextRefusals(analysis: ScopeAnalysis, { node, container }: FunctionFacts): Refusal[] {
  const refusals: Refusal[] = [];
  for (const use of analysis.contextUses) {
    if (!isWithin({ start: use.start, end: use.start }, node) || use.passedOn) continue;
    const isOwn = use.owner === node;
    if (!isOwn && !isWithin(use.owner, node)) {
      refusals.push({ when: "always", reason: `it uses "${use.what}" of the code around it, which cannot be seen from outside; ${lexicalMend(use.what)}` });
    } else if (isOwn && container !== undefined && use.what === "super") {
      refusals.push({
        when: "always",
        reason: 'it uses "super", which belongs to its object; move the call into a function that takes the object as an argument',
      });
    } else if (isOwn && container !== undefined && use.what === "this") {
      refusals.push({
        when: "task",
        reason:
          'it is a method that uses "this" and would be called without one; bind it (object.method.bind(object)) or submit a function that takes the object as an argument',
      });
    }
  }
  return refusals;
}

function lexicalMend(what: string): string {
  if (what === "this") return "copy what it needs of it into variables, or make it a function that takes the object as an argument";
  if (what === "arguments") return "give the function around it rest parameters (...values) and use those";
  return "copy what it needs of it into a variable";
}

function privateRefusals(analysis: ScopeAnalysis, { node }: FunctionFacts): Refusal[] {
  const outer = analysis.privateUses.find(
    (use) => isWithin({ start: use.start, end: use.start }, node) && (use.declaredIn === undefined || !isWithin(use.declaredIn, node)),
  );
  if (outer === undefined) return [];
  return [
    { when: "always", reason: `it uses the private name #${outer.name} of a class around it; submit a function outside the class that is given what it needs` },
  ];
}

function unanalysableRefusals(analysis: ScopeAnalysis, { node }: FunctionFacts): Refusal[] {
  const found = analysis.unanalysable.find((use) => isWithin({ start: use.start, end: use.start }, node));
  if (found === undefined) return [];
  const what = found.what === "eval" ? "calls eval directly" : "has a with statement";
  return [{ when: "scoped", reason: `it ${what}, so what it captures cannot be known; use new Function, or pass the values as arguments` }];
}
