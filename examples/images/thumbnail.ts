import { readFile, writeFile } from "node:fs/promises";
import { decode, encode } from "fast-png";
import type { Colour } from "./generate.ts";

const SIZE = 64;

/** Decodes an image, makes it smaller, writes it beside the original as `NAME.small.png`, and gives its mean colour. */
export async function thumbnail(path: string): Promise<Colour> {
  const image = decode(await readFile(path));
  const small = shrink(image.data as Uint8Array, image.width, image.height);
  await writeFile(path.replace(/\.png$/, ".small.png"), encode({ width: SIZE, height: SIZE, channels: 3, data: small }));
  return meanColour(small);
}

/** Each pixel becomes the mean of those that it stands for. Three channels. */
function shrink(data: Uint8Array, width: number, height: number): Uint8Array {
  const small = new Uint8Array(SIZE * SIZE * 3);
  const [across, down] = [width / SIZE, height / SIZE];
  for (let y = 0; y < SIZE; y += 1)
    for (let x = 0; x < SIZE; x += 1)
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (let row = y * down; row < (y + 1) * down; row += 1)
          for (let column = x * across; column < (x + 1) * across; column += 1) sum += data[(row * width + column) * 3 + channel]!;
        small[(y * SIZE + x) * 3 + channel] = Math.round(sum / (across * down));
      }
  return small;
}

function meanColour(data: Uint8Array): Colour {
  const sums: Colour = [0, 0, 0];
  for (const [index, value] of data.entries()) sums[index % 3]! += value;
  return sums.map((sum) => Math.round(sum / (data.length / 3))) as Colour;
}
