// The name that someone who mistyped most likely meant, for error messages.

/** The candidate with the fewest typing mistakes from `name`, if there are few enough to be a typing mistake. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(name.length / 3));
  let nearest: string | undefined;
  let fewest = allowed + 1;
  for (const candidate of candidates) {
    const mistakes = mistakesBetween(name.toLowerCase(), candidate.toLowerCase());
    if (mistakes < fewest) [nearest, fewest] = [candidate, mistakes];
  }
  return nearest;
}

/** Letters added, left out, changed, or swapped with a neighbour (the Damerau-Levenshtein distance, each pair swapped once). */
export function mistakesBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, changed, isSwap ? (beforeLast[j - 2] ?? 0) + 1 : Infinity);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
