// The greatest common divisor, found the slow way on purpose: it tries every number from the smaller one down.

export function gcd(pair: readonly [number, number]): number {
  const [a, b] = pair;
  const low = Math.min(a, b);
  for (let i = low; i > 0; i--) {
    if (a % i === 0 && b % i === 0) return i;
  }
  throw new Error(`Found no divisor of ${a} and ${b}: both must be whole numbers above 0`);
}
