// A folder of a user's program, with dure installed in it, for the tests of this folder.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { build, type BuildOptions, type Plugin } from "esbuild";

const FIXTURES = resolve("test/runtimes/fixtures");

export function fixturePath(name: string): string {
  return join(FIXTURES, name);
}

const one: Record<string, unknown> = JSON.parse(readFileSync(fixturePath("expected.json"), "utf8"));

/** What the scenario gives, whatever runs it. */
export const EXPECTED: Record<"threads" | "processes", Record<string, unknown>> = { threads: one, processes: one };

export interface Workspace {
  readonly folder: string;
  path(name: string): string;
  read(name: string): string;
  /** The text of a file of fixtures/. */
  fixture(name: string): string;
  write(name: string, text: string): void;
  /** A file of fixtures/, here. */
  copy(fixture: string, name?: string): void;
  /** The repository's own copy of a tool, importable by name here. */
  provide(tool: string): void;
  /** Runs this test's Node in the folder and gives what it printed; fails with all output if it fails. */
  node(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Bundles fixtures/main.ts, or another, into one file here. */
  bundle(name: string, options?: BuildOptions): Promise<void>;
  remove(): void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Otherwise a line on stderr is a failure: the clean path writes none. */
  readonly mayWriteToStderr?: boolean;
}

/** As npm would install it: the packed files, not a link to the repository. */
export function createWorkspace(packageJson: object = {}): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "dure-runtime-"));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  write("package.json", JSON.stringify({ name: "user", private: true, ...packageJson }));
  cpSync("dist", path("node_modules/dure/dist"), { recursive: true, filter: (file) => !file.endsWith(".tsbuildinfo") });
  cpSync("package.json", path("node_modules/dure/package.json"));
  return {
    folder,
    path,
    write,
    read: (name) => readFileSync(path(name), "utf8"),
    fixture: (name) => readFileSync(fixturePath(name), "utf8"),
    copy: (fixture, name = fixture) => cpSync(fixturePath(fixture), path(name)),
    provide: (tool) => symlinkSync(resolve("node_modules", tool), path(`node_modules/${tool}`)),
    node: (args, options) => runNode(folder, args, options),
    bundle: (name, options) => bundle(path(name), options),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function runNode(folder: string, args: readonly string[], { env = {}, stdin, mayWriteToStderr = false }: RunOptions = {}): Promise<string> {
  const { NODE_TEST_CONTEXT: _ours, NODE_V8_COVERAGE: _also, ...outer } = process.env;
  const running = promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...outer, ...env } });
  running.child.stdin?.end(stdin);
  const { stdout, stderr } = await running;
  if (stderr !== "" && !mayWriteToStderr) throw new Error(`stderr: ${stderr}`);
  return stdout;
}

async function bundle(outfile: string, options: BuildOptions = {}): Promise<void> {
  await build({
    entryPoints: [fixturePath("main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    external: ["dure"],
    logLevel: "error",
    ...options,
  });
}

/** Leaves shapes.ts out of a bundle: it is imported from the file of this name beside it. */
export function shapesFrom(name: string): Plugin {
  return { name: "shapes", setup: (bundler) => bundler.onResolve({ filter: /^\.\/shapes$/ }, () => ({ path: name, external: true })) };
}

/** The scenario's outcomes among what a program printed. */
export function outcomesIn(output: string): unknown {
  const line = output.split("\n").find((text) => text.startsWith("{"));
  return JSON.parse(line ?? output);
}
