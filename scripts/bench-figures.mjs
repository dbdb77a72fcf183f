// What of a benchmark's JSON answer is a time, a rate or a size, by its name, and how much faster, or smaller, one run was than another.
// Called where two trees are compared.

const RATE = /PerSecond$/;
const LESS_IS_BETTER = /(Ms|Us|Ns|[sS]econds|Bytes)$/;

/** Every time, rate and size, named by the texts beside it and above it, as `threads submitPerSecond`. */
export function figuresWithin(value, above = []) {
  if (typeof value !== "object" || value === null) return [];
  const names = Array.isArray(value) ? above : [...above, ...Object.entries(value).flatMap(nameWithin)];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner === "number") return RATE.test(key) || LESS_IS_BETTER.test(key) ? [[[...names, key].join(" "), inner]] : [];
    return figuresWithin(inner, Array.isArray(value) || Array.isArray(inner) ? names : [...names, key]);
  });
}

/** What names a row: a text that is not about the machine. */
function nameWithin([key, value]) {
  return typeof value === "string" && key !== "machine" ? [value] : [];
}

/** Round by round: above 1, `values` are better than `others`. */
export function speedsOf(name, values, others) {
  return values.map((value, round) => (RATE.test(name) ? value / others[round] : others[round] / value));
}
