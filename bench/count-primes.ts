// The work of the CPU-bound benchmark: pure arithmetic that takes the same time whatever its argument, and whose result
// is known.

const LIMIT = 150_000;

/** How many primes below the limit, plus `offset`, so that each item has a result of its own. */
export function countPrimes(offset: number): number {
  let count = 0;
  for (let candidate = 2; candidate < LIMIT; candidate += 1) if (isPrime(candidate)) count += 1;
  return count + offset;
}

/** How many primes there are below 150,000. */
export const PRIMES_BELOW_LIMIT = 13_848;

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) if (candidate % divisor === 0) return false;
  return true;
}
