// Without which figures mean nothing: the machine, the versions, the commit.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import type { ContenderEntry } from "./contender-list.ts";

export interface Provenance {
  readonly date: string;
  readonly machine: string;
  readonly cores: number;
  readonly memory: number;
  /** Of the last minute before: more than a little of it spoils the figures. */
  readonly load: number;
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
}

export function provenance(entries: readonly ContenderEntry[], folder: URL, python: string | undefined): Provenance {
  return {
    date: new Date().toISOString(),
    machine: `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${type()} ${release()}`,
    cores: availableParallelism(),
    memory: totalmem(),
    load: loadavg()[0] ?? 0,
    commit: commit(folder),
    versions: {
      node: process.versions.node,
      ...(python === undefined ? {} : { python: answer(python, ["-c", "import platform; print(platform.python_version())"]) }),
      ...packageVersions(entries, folder, python),
    },
  };
}

function commit(folder: URL): string {
  const hash = answer("git", ["rev-parse", "--short=12", "HEAD"], folder);
  return answer("git", ["status", "--porcelain", "--untracked-files=no"], folder) === "" ? hash : `${hash} with changes`;
}

function packageVersions(entries: readonly ContenderEntry[], folder: URL, python: string | undefined): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const { packageName, language } of entries) {
    if (packageName === undefined) continue;
    if (language === "JavaScript")
      versions[packageName] = (JSON.parse(readFileSync(new URL(`node_modules/${packageName}/package.json`, folder), "utf8")) as { version: string }).version;
    else if (python !== undefined) versions[packageName] = answer(python, ["-c", `import importlib.metadata as m; print(m.version("${packageName}"))`]);
  }
  return versions;
}

function answer(program: string, args: readonly string[], cwd?: URL): string {
  const { stdout } = spawnSync(program, args, { encoding: "utf8", ...(cwd === undefined ? {} : { cwd }) });
  return stdout?.trim() ?? "";
}
