// Where there is no room for what a pool and its worker processes share, tasks run all the same.

import { equal } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("fixtures/in-a-full-folder.js", import.meta.url));
const HIDE_KOFFI = `data:text/javascript,${encodeURIComponent(
  'import { Module } from "node:module"; const resolve = Module._resolveFilename; Module._resolveFilename = function (name, ...rest) { if (name === "koffi") throw new Error("hidden"); return resolve.call(this, name, ...rest); };',
)}`;
/** So many bytes are left there. */
const FILL = "mount -t tmpfs -o size=1m tmpfs /dev/shm && head -c $((1048576 - $1)) /dev/zero > /dev/shm/filled";

/** In a view of the file system of its own. */
function inOwnMounts(script: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync("unshare", ["--map-root-user", "--mount", "sh", "-c", script, "sh", ...args], { encoding: "utf8" });
}

const skip = inOwnMounts("mount -t tmpfs tmpfs /dev/shm").status !== 0 && "no mounts of its own are allowed here";

for (const left of [0, 4096, 69_632, 73_728]) {
  test(`with ${left} bytes left in /dev/shm, without koffi, all tasks run`, { skip }, () => {
    const { stdout, stderr } = inOwnMounts(`${FILL} && exec "$2" --import "$3" "$4"`, String(left), process.execPath, HIDE_KOFFI, PROGRAM);
    equal(stderr, "");
    equal(stdout, '[[2,3,4,5,6,7,8,9],1,2000000,"TimeoutError",0]\n');
  });
}
