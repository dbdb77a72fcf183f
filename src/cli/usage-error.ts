// Bad input of the command line. Its message is shown as it is, without a stack.

/** What the user gave cannot be used; the message says why, and what to give instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
