// Ends a worker process and everything that it has started.

/** Silent if it is gone already. */
export function killGroup(pid: number): void {
  // Windows has no process groups: descendants stay.
  for (const target of process.platform === "win32" ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, "SIGKILL");
    } catch {
      // Gone.
    }
  }
}
