// Writes a text whose word counts are known: pieces of a thousand words, each as a JSON string on a line. The word of
// rank r comes about 1/r as often as the first, as in any language.

const PIECES = Number(process.argv[2] ?? 500);
export const WORDS_PER_PIECE = 1_000;
const DIGITS = "aeioustrnl";

/** "a", "e", "i", ... "aa": a word for each rank. */
export function wordOf(rank: number): string {
  return Array.from(String(rank), (digit) => DIGITS[Number(digit)]).join("");
}

/** The ranks of a piece, the same in each run. */
export function* ranks(pieces: number): Generator<number[], void> {
  let state = 1;
  for (let piece = 0; piece < pieces; piece++) {
    yield Array.from({ length: WORDS_PER_PIECE }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return Math.floor(1_000 ** (state / 2_147_483_647));
    });
  }
}

if (process.argv[1] === import.meta.filename) for (const piece of ranks(PIECES)) process.stdout.write(`${JSON.stringify(piece.map(wordOf).join(" "))}\n`);
