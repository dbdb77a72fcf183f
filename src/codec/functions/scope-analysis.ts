// Which names of a program mean which variable: a scope analysis over the parser's tree. Pure: source in, facts out.
// Called once per script; `functions`, `references` and the like are in source order.

import type { AnyNode, CallExpression, Class, Expression, Function as FunctionSyntax, Identifier, MetaProperty, Node, Program } from "acorn";
import { visitChildren } from "./parser.ts";

export type BindingKind = "var" | "let" | "const" | "class" | "function" | "parameter" | "catch" | "import" | "self" | "using";

/** One variable. */
export interface Binding {
  readonly name: string;
  readonly kind: BindingKind;
  readonly scope: Scope;
  /** Where its name stands in the declaration: with the script, this identifies a module-level variable. */
  readonly start: number;
  /** The variable is initialised once execution has passed this point. */
  readonly initialisedAt: number;
  /** What it is initialised with, if that is an expression, function or class of its own. */
  readonly initialiser: Node | undefined;
  /** The declarator or declaration that it comes from. */
  readonly declarations: number;
  /** For imports: the module's specifier and the export's name (`*` for the namespace). */
  readonly imported: { readonly source: string; readonly name: string } | undefined;
  readonly references: Reference[];
}

export interface Scope {
  readonly node: Node;
  readonly parent: Scope | undefined;
  /** `var`s and sloppy functions of blocks go up to the next of these. */
  readonly holdsVars: boolean;
  /** The innermost function around it, or the program. */
  readonly owner: Node;
  readonly bindings: Map<string, Binding>;
}

/** One use of a name. */
export interface Reference {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly scope: Scope;
  readonly reads: boolean;
  readonly writes: boolean;
  /** `{ name }`: rewriting it needs the key too. */
  readonly shorthand: boolean;
  /** `name.member`, read only; `memberCalled` where that is called with the object as `this`. */
  readonly member: string | undefined;
  readonly memberCalled: boolean;
  /** `name(...)` or a tagged template: rewritten, it must not get a `this`. */
  readonly called: boolean;
  /** Undefined for a name that the program does not declare. */
  binding: Binding | undefined;
}

/** A use of what an arrow takes from the function around it. */
export interface ContextUse {
  readonly what: "this" | "super" | "new.target" | "arguments";
  readonly start: number;
  /** The function (not an arrow), class field or static block, or program that it belongs to. */
  readonly owner: Node;
  /** Only handed on, as transpilers' helpers do: `__awaiter(this, ...)`, `.apply(this, arguments)`. */
  readonly passedOn: boolean;
}

/** A use of a `#name`; `declaredIn` is the class body that has it, if the program shows one. */
export interface PrivateUse {
  readonly name: string;
  readonly start: number;
  readonly declaredIn: Node | undefined;
}

export interface FunctionFacts {
  readonly node: FunctionSyntax | Class;
  /** The object literal's property or class's method that the function is the value of. */
  readonly container: AnyNode | undefined;
  readonly strict: boolean;
}

export interface ScopeAnalysis {
  readonly program: Program;
  readonly functions: readonly FunctionFacts[];
  readonly references: readonly Reference[];
  readonly contextUses: readonly ContextUse[];
  readonly privateUses: readonly PrivateUse[];
  readonly importMetas: readonly MetaProperty[];
  readonly dynamicImports: readonly Node[];
  /** Calls of `eval` and `with` statements: names in or under them cannot be known. */
  readonly unanalysable: readonly { readonly what: "eval" | "with"; readonly start: number }[];
  /** Where expression statements of a list start: what is put before them must not join the line above. */
  readonly statementStarts: ReadonlySet<number>;
  readonly programScope: Scope;
}

/** Analyses a parsed program. `strict`: whether it is strict without a directive, as modules are. */
export function analyseScopes(program: Program, strict: boolean): ScopeAnalysis {
  return new Analyser(program, strict).run();
}

/** Names that a part of the program uses and does not declare, in order of first use; for tests and for whole programs. */
export function freeReferences(analysis: ScopeAnalysis, part: Node): Reference[] {
  return analysis.references.filter((reference) => isWithin(reference, part) && !isDeclaredWithin(reference, part));
}

export function isWithin(inner: { start: number; end: number }, outer: { start: number; end: number }): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

/** Whether the name is a variable of the part itself: of the function, or of something in it. */
export function isDeclaredWithin(reference: Reference, part: Node): boolean {
  const binding = reference.binding;
  return binding !== undefined && binding.scope.parent !== undefined && isWithin(binding.scope.node, part);
}

interface DeclarationDetails {
  initialiser?: Node | undefined;
  initialisedAt?: number;
  imported?: Binding["imported"];
}

/** How an identifier is used where it stands. */
interface Usage {
  reads?: boolean;
  writes?: boolean;
  shorthand?: boolean;
  member?: string | undefined;
  memberCalled?: boolean;
  called?: boolean;
}

class Analyser {
  readonly #program: Program;
  readonly #functions: FunctionFacts[] = [];
  readonly #references: Reference[] = [];
  readonly #contextUses: ContextUse[] = [];
  readonly #privateUses: PrivateUse[] = [];
  readonly #importMetas: MetaProperty[] = [];
  readonly #dynamicImports: Node[] = [];
  readonly #unanalysable: { what: "eval" | "with"; start: number }[] = [];
  readonly #statementStarts = new Set<number>();
  readonly #programScope: Scope;
  #scope: Scope;
  #strict: boolean;
  /** Whom `this` belongs to here. */
  #owner: Node;
  #classBodies: { node: Node; names: Set<string> }[] = [];

  constructor(program: Program, strict: boolean) {
    this.#program = program;
    this.#strict = strict || hasUseStrict(program.body);
    this.#owner = program;
    this.#programScope = { node: program, parent: undefined, holdsVars: true, owner: program, bindings: new Map() };
    this.#scope = this.#programScope;
  }

  run(): ScopeAnalysis {
    this.#visitAll(this.#program.body);
    for (const reference of this.#references) this.#resolve(reference);
    return {
      program: this.#program,
      functions: this.#functions,
      references: this.#references.sort((a, b) => a.start - b.start),
      contextUses: this.#contextUses,
      privateUses: this.#privateUses,
      importMetas: this.#importMetas,
      dynamicImports: this.#dynamicImports,
      unanalysable: this.#unanalysable,
      statementStarts: this.#statementStarts,
      programScope: this.#programScope,
    };
  }

  #resolve(reference: Reference): void {
    for (let scope: Scope | undefined = reference.scope; scope !== undefined; scope = scope.parent) {
      const binding = scope.bindings.get(reference.name);
      if (binding === undefined) continue;
      reference.binding = binding;
      binding.references.push(reference);
      return;
    }
  }

  #visit(node: AnyNode): void {
    switch (node.type) {
      case "Identifier":
        return this.#refer(node, { reads: true });
      case "FunctionDeclaration":
        if (node.id) this.#declareFunction(node.id, node);
        return this.#visitFunction(node, undefined);
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.#visitFunction(node, undefined);
      case "ClassDeclaration":
        if (node.id) this.#declare(node.id, "class", this.#scope, { initialiser: node, initialisedAt: node.end });
        return this.#visitClass(node);
      case "ClassExpression":
        return this.#visitClass(node);
      case "VariableDeclaration":
        for (const declarator of node.declarations) {
          const simple = declarator.id.type === "Identifier";
          this.#visitPattern(declarator.id, node.kind, {
            initialiser: simple ? named(declarator.init ?? undefined) : undefined,
            initialisedAt: declarator.end,
          });
          if (declarator.init) this.#visit(declarator.init);
        }
        return;
      case "ImportDeclaration":
        return this.#visitImport(node);
      case "ExportNamedDeclaration":
        // `export { a as b }` uses no variable: which binding it exports is for others to read.
        if (node.declaration) this.#visit(node.declaration);
        return;
      case "ExportAllDeclaration":
        return;
      case "AssignmentExpression":
        return this.#visitAssignment(node);
      case "UpdateExpression":
        if (node.argument.type === "Identifier") return this.#refer(node.argument, { reads: true, writes: true });
        return this.#visitWrittenMember(node.argument);
      case "UnaryExpression":
        if (node.operator === "delete") return this.#visitWrittenMember(node.argument);
        return this.#visit(node.argument);
      case "MemberExpression":
        return this.#visitMember(node, false);
      case "CallExpression":
      case "NewExpression":
        return this.#visitCall(node);
      case "TaggedTemplateExpression":
        this.#visitCallee(node.tag);
        return this.#visit(node.quasi);
      case "Property":
        return this.#visitProperty(node);
      case "MethodDefinition":
        if (node.computed) this.#visit(node.key);
        else if (node.key.type === "PrivateIdentifier") this.#visitPrivate(node.key);
        return this.#visitFunction(node.value, node);
      case "PropertyDefinition":
        if (node.computed) this.#visit(node.key);
        if (node.value) this.#visitOwned(node, node.value);
        return;
      case "StaticBlock":
        return this.#visitOwned(node, ...node.body);
      case "BlockStatement":
        return this.#inScope(node, false, () => this.#visitAll(node.body));
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return this.#visitFor(node);
      case "SwitchStatement":
        this.#visit(node.discriminant);
        return this.#inScope(node, false, () => this.#visitAll(node.cases));
      case "SwitchCase":
        if (node.test) this.#visit(node.test);
        return this.#visitAll(node.consequent);
      case "CatchClause":
        return this.#inScope(node, false, () => {
          if (node.param) this.#visitPattern(node.param, "catch", { initialisedAt: node.start });
          this.#visit(node.body);
        });
      case "LabeledStatement":
        return this.#visit(node.body);
      case "BreakStatement":
      case "ContinueStatement":
        return;
      case "WithStatement":
        this.#unanalysable.push({ what: "with", start: node.start });
        this.#visit(node.object);
        return this.#visit(node.body);
      case "ThisExpression":
        return this.#useContext("this", node, false);
      case "Super":
        return this.#useContext("super", node, false);
      case "MetaProperty":
        if (node.meta.name === "import") this.#importMetas.push(node);
        else this.#useContext("new.target", node, false);
        return;
      case "ImportExpression":
        this.#dynamicImports.push(node);
        return visitChildren(node, (child) => this.#visit(child));
      case "PrivateIdentifier":
        return this.#visitPrivate(node);
      default:
        visitChildren(node, (child) => this.#visit(child));
    }
  }

  #visitAll(nodes: readonly AnyNode[]): void {
    for (const node of nodes) {
      if (node.type === "ExpressionStatement") this.#statementStarts.add(node.start);
      this.#visit(node);
    }
  }

  #refer(node: Identifier, usage: Usage): void {
    if (node.name === "arguments") this.#useContext("arguments", node, false);
    this.#references.push({
      name: node.name,
      start: node.start,
      end: node.end,
      scope: this.#scope,
      reads: usage.reads ?? false,
      writes: usage.writes ?? false,
      shorthand: usage.shorthand ?? false,
      member: usage.member,
      memberCalled: usage.memberCalled ?? false,
      called: usage.called ?? false,
      binding: undefined,
    });
  }

  #useContext(what: ContextUse["what"], node: Node, passedOn: boolean): void {
    this.#contextUses.push({ what, start: node.start, owner: this.#owner, passedOn });
  }

  #declare(id: Identifier, kind: BindingKind, scope: Scope, details: DeclarationDetails = {}): void {
    const before = scope.bindings.get(id.name);
    scope.bindings.set(id.name, {
      name: id.name,
      kind: before === undefined || before.kind === "self" ? kind : before.kind === "parameter" ? "parameter" : kind,
      scope,
      start: before?.start ?? id.start,
      initialisedAt: details.initialisedAt ?? id.end,
      initialiser: details.initialiser ?? before?.initialiser,
      declarations: (before?.declarations ?? 0) + 1,
      imported: details.imported,
      references: before?.references ?? [],
    });
  }

  #declareFunction(id: Identifier, node: Node): void {
    this.#declare(id, "function", this.#scope, { initialiser: node, initialisedAt: 0 });
    // Sloppy functions of blocks are also variables of the function around them.
    if (!this.#strict && !this.#scope.holdsVars) this.#declare(id, "var", this.#varScope(), {});
  }

  #varScope(): Scope {
    let scope = this.#scope;
    while (!scope.holdsVars && scope.parent !== undefined) scope = scope.parent;
    return scope;
  }

  /** Binding patterns declare (`kind`), assignment patterns write (`kind` undefined). */
  #visitPattern(node: AnyNode, kind: string | undefined, details: DeclarationDetails): void {
    switch (node.type) {
      case "Identifier":
        return this.#visitTarget(node, kind, details, false);
      case "ObjectPattern":
        for (const property of node.properties) this.#visitPattern(property, kind, details);
        return;
      case "Property":
        if (node.computed) this.#visit(node.key);
        return this.#visitPatternProperty(node.value, kind, details, node.shorthand);
      case "ArrayPattern":
        for (const element of node.elements) if (element) this.#visitPattern(element, kind, details);
        return;
      case "RestElement":
        return this.#visitPattern(node.argument, kind, details);
      case "AssignmentPattern":
        this.#visitPattern(node.left, kind, details);
        return this.#visit(node.right);
      case "MemberExpression":
        return this.#visitWrittenMember(node);
      default:
        return this.#visit(node);
    }
  }

  #visitPatternProperty(value: AnyNode, kind: string | undefined, details: DeclarationDetails, shorthand: boolean): void {
    if (!shorthand) return this.#visitPattern(value, kind, details);
    if (value.type === "Identifier") return this.#visitTarget(value, kind, details, true);
    if (value.type !== "AssignmentPattern" || value.left.type !== "Identifier") return this.#visitPattern(value, kind, details);
    this.#visitTarget(value.left, kind, details, true);
    this.#visit(value.right);
  }

  #visitTarget(node: Identifier, kind: string | undefined, details: DeclarationDetails, shorthand: boolean): void {
    if (kind === undefined) return this.#refer(node, { writes: true, shorthand });
    const scope = kind === "var" ? this.#varScope() : this.#scope;
    this.#declare(node, bindingKind(kind), scope, details);
  }

  #visitAssignment(node: AnyNode & { type: "AssignmentExpression" }): void {
    if (node.left.type === "Identifier") this.#refer(node.left, { reads: node.operator !== "=", writes: true });
    else this.#visitPattern(node.left, undefined, {});
    this.#visit(node.right);
  }

  /** `object.member = ...`, `delete object.member`: the object is used whole. */
  #visitWrittenMember(node: AnyNode): void {
    if (node.type !== "MemberExpression") return this.#visit(node);
    this.#visit(node.object);
    if (node.computed || node.property.type === "PrivateIdentifier") this.#visit(node.property);
  }

  #visitMember(node: AnyNode & { type: "MemberExpression" }, called: boolean): void {
    const member = memberName(node);
    if (node.object.type === "Identifier" && member !== undefined) {
      this.#refer(node.object, { reads: true, member, memberCalled: called });
    } else {
      this.#visit(node.object);
    }
    if (node.computed || node.property.type === "PrivateIdentifier") this.#visit(node.property);
  }

  #visitCall(node: AnyNode & { type: "CallExpression" | "NewExpression" }): void {
    if (node.type === "CallExpression" && node.callee.type === "Identifier" && node.callee.name === "eval") {
      this.#unanalysable.push({ what: "eval", start: node.start });
    }
    if (node.type === "NewExpression") this.#visit(node.callee);
    else this.#visitCallee(node.callee);
    const handedOn = node.type === "CallExpression" && passesContextOn(node) ? node.arguments[0] : undefined;
    const before = this.#contextUses.length;
    for (const argument of node.arguments) if (argument !== handedOn) this.#visit(argument);
    if (handedOn === undefined) return;
    // The function that it is handed on to may use it.
    const uses = this.#contextUses.slice(before);
    const isUsed = uses.some(({ what, owner, passedOn }) => what === "this" && !passedOn && node.arguments.includes(owner as Expression));
    this.#useContext("this", handedOn, !isUsed);
  }

  #visitCallee(callee: AnyNode): void {
    if (callee.type === "Identifier") this.#refer(callee, { reads: true, called: true });
    else if (callee.type === "MemberExpression") this.#visitMember(callee, true);
    else this.#visit(callee);
  }

  #visitProperty(node: AnyNode & { type: "Property" }): void {
    if (node.computed) this.#visit(node.key);
    if (node.shorthand && node.value.type === "Identifier") return this.#refer(node.value, { reads: true, shorthand: true });
    if (node.value.type === "FunctionExpression" && (node.method || node.kind !== "init")) return this.#visitFunction(node.value, node);
    this.#visit(node.value);
  }

  #visitFunction(node: FunctionSyntax, container: AnyNode | undefined): void {
    const strict = this.#strict || (node.body.type === "BlockStatement" && hasUseStrict(node.body.body));
    // A constructor is no function of its own: it is the class.
    if (container?.type !== "MethodDefinition" || container.kind !== "constructor") this.#functions.push({ node, container, strict });
    const isArrow = node.type === ("ArrowFunctionExpression" as string);
    this.#nested(strict, isArrow ? this.#owner : node, () => {
      this.#inScope(node, true, () => {
        if (node.type === ("FunctionExpression" as string) && node.id) this.#declare(node.id, "self", this.#scope);
        // Parameters have a scope of their own: their defaults do not see the body's variables.
        this.#inScope(node, true, () => {
          for (const parameter of node.params) this.#visitPattern(parameter, "parameter", { initialisedAt: 0 });
          if (node.body.type !== "BlockStatement") return this.#visit(node.body);
          const body = node.body.body;
          this.#inScope(node.body, true, () => this.#visitAll(body));
        });
      });
    });
  }

  #visitClass(node: Class): void {
    this.#functions.push({ node, container: undefined, strict: true });
    this.#nested(true, this.#owner, () => {
      this.#inScope(node, false, () => {
        if (node.id) this.#declare(node.id, "self", this.#scope, { initialiser: node });
        if (node.superClass) this.#visit(node.superClass);
        this.#classBodies.push({ node: node.body, names: privateNames(node) });
        for (const element of node.body.body) this.#visit(element);
        this.#classBodies.pop();
      });
    });
  }

  /** A class field's value or a static block: like a method, it has its own `this`. */
  #visitOwned(owner: Node, ...nodes: AnyNode[]): void {
    this.#nested(true, owner, () => this.#inScope(owner, true, () => this.#visitAll(nodes)));
  }

  #visitFor(node: AnyNode & { type: "ForStatement" | "ForInStatement" | "ForOfStatement" }): void {
    this.#inScope(node, false, () => {
      if (node.type === "ForStatement") return visitChildren(node, (child) => this.#visit(child));
      if (node.left.type === "VariableDeclaration") {
        const kind = node.left.kind;
        // Initialised anew in each round: no initialiser to go by.
        for (const declarator of node.left.declarations) this.#visitPattern(declarator.id, kind, { initialisedAt: node.right.end });
      } else {
        this.#visitPattern(node.left, undefined, {});
      }
      this.#visit(node.right);
      this.#visit(node.body);
    });
  }

  #visitImport(node: AnyNode & { type: "ImportDeclaration" }): void {
    for (const specifier of node.specifiers) {
      const imported = { source: String(node.source.value), name: importedName(specifier) };
      this.#declare(specifier.local, "import", this.#scope, { imported, initialisedAt: 0 });
    }
  }

  #visitPrivate(node: AnyNode & { type: "PrivateIdentifier" }): void {
    const body = this.#classBodies.findLast((candidate) => candidate.names.has(node.name));
    this.#privateUses.push({ name: node.name, start: node.start, declaredIn: body?.node });
  }

  #inScope(node: Node, holdsVars: boolean, visit: () => void): void {
    const outer = this.#scope;
    this.#scope = { node, parent: outer, holdsVars, owner: this.#owner, bindings: new Map() };
    visit();
    this.#scope = outer;
  }

  #nested(strict: boolean, owner: Node, visit: () => void): void {
    const outer = [this.#strict, this.#owner] as const;
    this.#strict = strict;
    this.#owner = owner;
    visit();
    [this.#strict, this.#owner] = outer;
  }
}

/** The function in esbuild's `__name(function, "name")`, which gives it back. */
function named(initialiser: AnyNode | undefined): AnyNode | undefined {
  if (initialiser?.type !== "CallExpression" || initialiser.callee.type !== "Identifier" || initialiser.callee.name !== "__name") return initialiser;
  return initialiser.arguments[0];
}

function bindingKind(kind: string): BindingKind {
  return kind === "await using" ? "using" : (kind as BindingKind);
}

function hasUseStrict(body: readonly AnyNode[]): boolean {
  return body.some((statement) => statement.type === "ExpressionStatement" && statement.directive === "use strict");
}

/** The member's name, where the source shows it: `a.b`, `a["b"]`. */
function memberName(node: AnyNode & { type: "MemberExpression" }): string | undefined {
  if (!node.computed) return node.property.type === "Identifier" ? node.property.name : undefined;
  return node.property.type === "Literal" && typeof node.property.value === "string" ? node.property.value : undefined;
}

function importedName(specifier: AnyNode): string {
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  if (specifier.type !== "ImportSpecifier") return "*";
  return specifier.imported.type === "Identifier" ? specifier.imported.name : String(specifier.imported.value);
}

function privateNames(node: Class): Set<string> {
  const names = new Set<string>();
  for (const element of node.body.body) {
    if ((element.type === "MethodDefinition" || element.type === "PropertyDefinition") && element.key.type === "PrivateIdentifier") names.add(element.key.name);
  }
  return names;
}

/** `__awaiter(this, ...)` of TypeScript and tslib, `.apply(this, arguments)` of Babel: `undefined` does as well. */
function passesContextOn({ callee, arguments: [first, second] }: CallExpression): boolean {
  if (first?.type !== "ThisExpression") return false;
  return isHelper(callee) || (isApply(callee) && second?.type === "Identifier" && second.name === "arguments");
}

function isHelper(callee: AnyNode): boolean {
  if (callee.type === "Identifier") return /^_+(awaiter|asyncGenerator|generator|async)/i.test(callee.name);
  if (callee.type === "SequenceExpression") return isHelper(callee.expressions.at(-1) as AnyNode);
  if (callee.type === "ParenthesizedExpression") return isHelper(callee.expression);
  return callee.type === "MemberExpression" && callee.property.type === "Identifier" && /^_+(awaiter|asyncGenerator|generator)/i.test(callee.property.name);
}

function isApply(callee: AnyNode): boolean {
  return callee.type === "MemberExpression" && callee.property.type === "Identifier" && callee.property.name === "apply";
}
