// A folder of images whose thumbnails are known: each is of one colour, with noise whose mean is nothing.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";

const SIZE = 512;
const NOISE = 20;

export type Colour = [red: number, green: number, blue: number];

function colourOf(index: number): Colour {
  return [50 + ((index * 37) % 150), 50 + ((index * 59) % 150), 50 + ((index * 83) % 150)];
}

/** The mean colours that the thumbnails of a folder must have. */
export const THUMBNAIL_COLOURS = (count: number): Colour[] => Array.from({ length: count }, (_, index) => colourOf(index));

/** A temporary folder with PNG files. */
export function imageFolder(count: number): { paths: string[]; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "dure-images-"));
  const paths = Array.from({ length: count }, (_, index) => join(folder, `${index}.png`));
  for (const [index, path] of paths.entries()) writeFileSync(path, encode({ width: SIZE, height: SIZE, channels: 3, data: pixels(colourOf(index)) }));
  return { paths, remove: () => rmSync(folder, { recursive: true }) };
}

/** A chequerboard of single pixels, lighter and darker by the same. */
function pixels(colour: Colour): Uint8Array {
  const data = new Uint8Array(SIZE * SIZE * 3);
  for (let pixel = 0; pixel < SIZE * SIZE; pixel += 1) {
    const isLight = (pixel + Math.floor(pixel / SIZE)) % 2 === 0;
    for (let channel = 0; channel < 3; channel += 1) data[pixel * 3 + channel] = colour[channel]! + (isLight ? NOISE : -NOISE);
  }
  return data;
}
