// A timer for any number of milliseconds, for time limits that users give. setTimeout alone fires at once when it is
// given more than 24.8 days.

/** The longest that setTimeout waits, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** Calls `callback` once, `milliseconds` from now (`Infinity`: never). Returns what stops it. */
export function startTimer(milliseconds: number, callback: () => void): () => void {
  if (milliseconds === Infinity) return () => {};
  const end = performance.now() + milliseconds;
  let timer = setTimeout(expire, Math.min(milliseconds, LONGEST));
  function expire(): void {
    const left = end - performance.now();
    // Timers may fire a fraction of a millisecond early; that is not worth another one.
    if (left < 1) callback();
    else timer = setTimeout(expire, Math.min(left, LONGEST));
  }
  return () => clearTimeout(timer);
}
