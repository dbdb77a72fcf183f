// Ends the workers of a program that was killed, also those in a busy loop, which cannot notice it by themselves. A
// shell waits at a pipe that nobody but this program holds open; when the pipe ends, it kills the workers that are left.
// One shell for all workers of the program: it takes a millisecond to start and no time to wait.

import type * as ChildProcesses from "node:child_process";
import type { Socket } from "node:net";
import { builtinModule } from "../../codec/functions/node-modules.ts";
import { hasShell, SHELL } from "../../transport/shell.ts";

/** Shells started after one was killed. Smaller: less protection. Larger: more shells where they cannot live. */
const RESTARTS = 3;

/** Reads "+pid" and "-pid" lines. Each worker leads a process group. */
const WAIT_AND_KILL = `
workers=" "
while read -r line; do
  pid=\${line#?}
  case $line in
    +*) workers="$workers$pid " ;;
    -*) workers="\${workers%%" $pid "*} \${workers#*" $pid "}" ;;
  esac
done
for pid in $workers; do kill -9 "-$pid" 2>/dev/null; done
`;

class OrphanGuard {
  readonly #pids = new Set<number>();
  #shell: ChildProcesses.ChildProcess | undefined;
  #restarts = 0;

  /** Called before the worker is given anything to do. Without a shell workers look after themselves. */
  watch(pid: number): void {
    if (!hasShell()) return;
    this.#pids.add(pid);
    if (this.#shell === undefined) this.#start();
    else this.#tell(`+${pid}\n`);
  }

  forget(pid: number): void {
    if (!this.#pids.delete(pid)) return;
    this.#tell(`-${pid}\n`);
    if (this.#pids.size === 0) this.#end();
  }

  #start(): void {
    // Loaded when needed: this file comes with the engine, and threads have no use for it.
    const { spawn } = builtinModule("node:child_process") as typeof ChildProcesses;
    const shell = spawn(SHELL, ["-c", WAIT_AND_KILL], { stdio: ["pipe", "ignore", "ignore"], detached: true, env: {}, cwd: "/" });
    // Without it workers notice only between tasks that this program is gone; that is no reason to end it.
    shell.on("error", () => {});
    // The system has no room for it, nor then for its pipe. There may be some when the next worker has started.
    if (shell.pid === undefined) return;
    this.#shell = shell;
    shell.unref();
    (shell.stdin as Socket).unref();
    shell.stdin.on("error", () => {});
    shell.on("exit", () => this.#shell === shell && this.#restart());
    for (const pid of this.#pids) this.#tell(`+${pid}\n`);
  }

  /** Someone has killed the shell. */
  #restart(): void {
    this.#shell = undefined;
    this.#restarts += 1;
    if (this.#pids.size > 0 && this.#restarts <= RESTARTS) this.#start();
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(line);
  }

  /** No worker is left: the shell ends, with nobody to kill. */
  #end(): void {
    this.#shell?.stdin?.end();
    this.#shell = undefined;
  }
}

/** One for the program. */
export const orphanGuard: OrphanGuard = new OrphanGuard();
