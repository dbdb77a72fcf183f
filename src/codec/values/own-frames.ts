// Keeps dure's own frames out of the stacks of users' errors: what called the task is the same for all, and hides the
// line that matters.

/** As stacks name it: a worker's files, or the folder of all of dure. Empty where it cannot be told from the user's code. */
let ownPlace: string | undefined;

/** Without the frames at the end that led to the task; as it is if nothing else would remain. */
export function withoutOwnFrames(stack: string): string {
  ownPlace ??= findOwnPlace(new Error("for its stack").stack ?? "");
  if (ownPlace === "" || !stack.includes(ownPlace)) return stack;
  const lines = stack.split("\n");
  const firstFrame = lines.findIndex((line) => /^\s+at /.test(line));
  const lastForeign = lines.findLastIndex((line) => !line.includes(ownPlace!) && !isRuntime(line));
  return firstFrame < 0 || lastForeign < firstFrame ? stack : lines.slice(0, lastForeign + 1).join("\n");
}

function isRuntime(line: string): boolean {
  return /^\s+at (?:.*\()?(?:async )?(?:node:|native|<anonymous>)/.test(line);
}

function findOwnPlace(ownStack: string): string {
  const [, file = ""] = /\n\s+at (?:.*\()?(.+?):\d+:\d+\)?(?:\n|$)/.exec(ownStack) ?? [];
  const [folder] = file.split(/[/\\]codec[/\\]values[/\\]own-frames/);
  if (folder !== undefined && folder !== file) return folder;
  const [ownFiles] = /^.*[/\\]worker[/\\]dure-(?=\w+\.cjs$)/.exec(file) ?? [];
  if (ownFiles !== undefined) return ownFiles;
  // Bundled with a program, dure's frames are in one file with the user's.
  return /dure-worker|\[worker eval\]|[/\\]cjs[/\\]index\.js$/.test(file) ? file : "";
}
