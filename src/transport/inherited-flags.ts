// Which of this program's Node options a worker inherits: those that say how to run and load code, not those that say
// what this program runs or which port it listens on.

/** Say what the main thread runs: a worker would refuse to start, or run that again. */
const WHAT_TO_RUN = [
  "--input-type",
  "--eval",
  "-e",
  "--print",
  "-p",
  "-pe",
  "--check",
  "-c",
  "--interactive",
  "-i",
  "--run",
  "--build-snapshot",
  "--build-snapshot-config",
  "--experimental-sea-config",
];
/** Belong to the program as a whole: its debugger's port, its watcher, its test runner, its title. */
const OF_THE_PROGRAM = ["--inspect", "--inspect-brk", "--inspect-wait", "--inspect-port", "--inspect-publish-uid", "--debug-port", "--title"];
const PROGRAM_PREFIXES = ["--watch", "--test", "--experimental-test"];
/** Take their value from the next argument, if not after `=`. */
const WITH_VALUE = [
  "--input-type",
  "--eval",
  "-e",
  "--print",
  "-p",
  "-pe",
  "--run",
  "--build-snapshot-config",
  "--experimental-sea-config",
  "--inspect-port",
  "--inspect-publish-uid",
  "--debug-port",
  "--title",
  "--watch-path",
  "--import",
];
/** Notes closures as they are made, for this program's pools. Workers would start later with it, and few have pools of their own. */
const CAPTURES = "dure/captures";

/** For threads, which inherit the rest by themselves. */
export function withoutWhatToRun(execArgv: readonly string[]): string[] {
  return without(execArgv, (name) => WHAT_TO_RUN.includes(name));
}

/** For processes. */
export function withoutProgramFlags(execArgv: readonly string[]): string[] {
  return without(execArgv, (name) => WHAT_TO_RUN.includes(name) || OF_THE_PROGRAM.includes(name) || PROGRAM_PREFIXES.some((prefix) => name.startsWith(prefix)));
}

function without(execArgv: readonly string[], isDropped: (name: string) => boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index += 1) {
    const flag = execArgv[index]!;
    const [name = ""] = flag.split("=", 1);
    if (!isDropped(name) && !isCaptures(flag, execArgv[index + 1])) kept.push(flag);
    else if (WITH_VALUE.includes(flag)) index += 1;
  }
  return kept;
}

function isCaptures(flag: string, next: string | undefined): boolean {
  return flag === `--import=${CAPTURES}` || (flag === "--import" && next === CAPTURES);
}
