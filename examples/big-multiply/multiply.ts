import { threadId } from "node:worker_threads";

/** The product of i * j * k for all i, j and k from 1 to num - 1, and where it was computed. */
export function multiply(num: number): bigint {
  let product = 1n;
  for (let i = 1; i < num; i += 1) for (let j = 1; j < num; j += 1) for (let k = 1; k < num; k += 1) product *= BigInt(i * j * k);
  console.log(`num ${num}: process ${process.pid}, thread ${threadId}`);
  return product;
}

/** The same by another way: each number comes 3 * (num - 1)² times as a factor, so it is a power of a factorial. */
export function expectedProduct(num: number): bigint {
  let factorial = 1n;
  for (let n = 2n; n < num; n += 1n) factorial *= n;
  return factorial ** BigInt(3 * (num - 1) ** 2);
}
