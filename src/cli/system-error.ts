// What went wrong with a file, in words.

import { messageOf } from "../contract/message-of.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is no directory",
  ENAMETOOLONG: "the name is too long",
  EACCES: "permission denied",
  EROFS: "its file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "it has become too large",
  EIO: "the device failed",
};

/** Of an error of creating a file: it is its folder that is missing. */
export function reasonNotCreated(error: unknown): string {
  return (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such directory" : reasonOf(error);
}

/** Of an error that a call of `node:fs` threw. */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return (code !== undefined && REASONS[code]) || messageOf(error);
}
