/** What an error says, to be told within another one. Anything can be thrown, also what refuses to be read or has no text. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "what was thrown cannot be told as text";
  }
}
