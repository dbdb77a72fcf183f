// npm run bench -- versus: installs the peers where bench/versus has them not, compiles it, and runs it. The peers are no
// dependencies of dure: a checkout that never runs this never sees them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const FOLDER = resolve("bench/versus");
const VENV = `${FOLDER}/.build/venv`;

/** Runs the comparison with these arguments. Exits if a step fails. */
export function runVersus(args) {
  installPeers();
  linkDure();
  run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", FOLDER]);
  run(process.execPath, [`${FOLDER}/.build/versus/versus.js`, ...args, `--python=${installPython() ?? ""}`]);
}

function installPeers() {
  const lock = readFileSync(`${FOLDER}/package-lock.json`, "utf8");
  const stamp = `${FOLDER}/node_modules/.installed-lock`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  run(process.platform === "win32" ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund"], { cwd: FOLDER, shell: process.platform === "win32" });
  writeFileSync(stamp, lock);
}

/** The peers' programs import "dure" as any program does: the one of this tree. */
function linkDure() {
  const link = `${FOLDER}/node_modules/dure`;
  if (!existsSync(link)) symlinkSync(resolve("."), link, "junction");
}

/** The interpreter with joblib and mpire, or nothing where there is no Python, no venv or no pip: the rows say so. */
function installPython() {
  const requirements = `${FOLDER}/python/requirements.txt`;
  const python = process.platform === "win32" ? `${VENV}/Scripts/python.exe` : `${VENV}/bin/python`;
  const stamp = `${VENV}/.installed`;
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(requirements).mtimeMs) return python;
  mkdirSync(`${FOLDER}/.build`, { recursive: true });
  const isMade = spawnSync(process.platform === "win32" ? "python" : "python3", ["-m", "venv", VENV], { stdio: "ignore" }).status === 0;
  if (!isMade) return undefined;
  const { status, stderr } = spawnSync(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements], { encoding: "utf8" });
  if (status !== 0) {
    console.error(`Python's packages cannot be installed:\n${stderr}`);
    return undefined;
  }
  writeFileSync(stamp, "");
  return python;
}

function run(program, args, options = {}) {
  const { status } = spawnSync(program, args, { stdio: "inherit", ...options });
  if (status !== 0) process.exit(status ?? 1);
}
