// Counts the words of one piece of a text.

export function countWords(piece: string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of piece.toLowerCase().matchAll(/\p{Letter}+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
}
