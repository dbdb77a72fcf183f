/** Whether this Node strips types by itself. Newer than the types of the oldest Node that we support. */
export function readsTypeScript(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}
