// The three sentences of ARCHITECTURE.md are kept by the compiler: for each, a file that breaks it is added to its
// folder, in memory, and must not compile.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { describe, test } from "node:test";
import ts from "typescript";

/** The errors of a folder of src/ if `source` were one more file of it, each as code and message. */
function errorsWith(folder: string, source: string): string[] {
  const configFile = resolve("src", folder, "tsconfig.json");
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: failOnDiagnostic };
  const config = ts.getParsedCommandLineOfConfigFile(configFile, { noEmit: true }, host);
  assert.ok(config);
  const added = resolve("src", folder, "added-by-a-test.ts");
  const program = ts.createProgram({
    rootNames: [...config.fileNames, added],
    options: config.options,
    projectReferences: config.projectReferences ?? [],
    host: hostWith(added, source, config.options),
  });
  const own = program.getSourceFile(added);
  const diagnostics = [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(own), ...program.getSemanticDiagnostics(own)];
  return diagnostics.map((one) => `TS${one.code}: ${ts.flattenDiagnosticMessageText(one.messageText, " ")}`);
}

function failOnDiagnostic(diagnostic: ts.Diagnostic): never {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"));
}

function hostWith(file: string, source: string, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    fileExists: (name) => name === file || host.fileExists(name),
    readFile: (name) => (name === file ? source : host.readFile(name)),
    getSourceFile: (name, version, ...rest) =>
      name === file ? ts.createSourceFile(name, source, version, true) : parsed(name, () => host.getSourceFile(name, version, ...rest)),
  };
}

/** Parsed once for all programs: most of their time would go into reading the same library files. */
const sourceFiles = new Map<string, ts.SourceFile | undefined>();

function parsed(name: string, parse: () => ts.SourceFile | undefined): ts.SourceFile | undefined {
  if (!sourceFiles.has(name)) sourceFiles.set(name, parse());
  return sourceFiles.get(name);
}

function refuses(folder: string, source: string, expected: RegExp): void {
  const errors = errorsWith(folder, source);
  assert.ok(
    errors.some((error) => expected.test(error)),
    `${folder} compiles with ${source}\n${errors.join("\n")}`,
  );
}

function accepts(folder: string, source: string): void {
  assert.deepEqual(errorsWith(folder, source), []);
}

/** The code of "File is not listed within the file list of project". */
const NOT_OF_THE_PROJECT = /TS6307/;

/** Neither the values nor only the types of `other` may be imported. */
function refusesImport(folder: string, other: string): void {
  const file = readdirSync(resolve("src", other)).find((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  assert.ok(file, `src/${other} has no file to import`);
  const path = relative(resolve("src", folder), resolve("src", other, file));
  refuses(folder, `export * from "${path}";`, NOT_OF_THE_PROJECT);
  refuses(folder, `export type * from "${path}";`, NOT_OF_THE_PROJECT);
}

describe("policy never acts", () => {
  test("it has no file system, timer or console", () => {
    refuses("policy", 'import { readFileSync } from "node:fs"; readFileSync("x");', /TS2591|TS2307/);
    refuses("policy", "setTimeout(() => undefined, 1);", /TS2304|TS2552|TS2591|TS2584/);
    refuses("policy", 'console.log("x");', /TS2584|TS2304/);
  });

  test("it imports no other folder, not even a type", () => {
    for (const other of ["contract", "codec", "protocol", "transport", "worker", "pool"]) refusesImport("policy", other);
  });

  test("plain computation compiles", () => {
    accepts("policy", "export const next = (count: number): number => count + 1;");
  });
});

describe("the far side never imports the near side", () => {
  test("worker/ imports neither pool/ nor policy/ nor executors/", () => {
    for (const other of ["pool", "policy", "executors/threads"]) refusesImport("worker", other);
  });

  test("what it may import compiles", () => {
    accepts("worker", 'export type { FromWorker } from "../protocol/messages.ts"; export { CLAIM_SLOTS } from "../transport/claims.ts";');
  });
});

describe("rungs never import each other", () => {
  test("threads and processes", () => {
    refusesImport("executors/threads", "executors/processes");
    refusesImport("executors/processes", "executors/threads");
  });

  test("serial and async", () => {
    refusesImport("executors/serial", "executors/async");
    refusesImport("executors/async", "executors/serial");
  });

  test("a rung imports the pool", () => {
    accepts("executors/threads", 'export type { WorkerHost } from "../../transport/worker-host.ts";');
  });
});

test("the contract imports nothing of ours and nothing of Node", () => {
  refusesImport("contract", "codec");
  refuses("contract", 'import "node:worker_threads";', /TS2307|TS2591|TS2882/);
});
