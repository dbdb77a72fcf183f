// Breaks a paragraph into lines. Colours count for nothing.

import { stripVTControlCharacters } from "node:util";

/** The paragraph with a line break wherever the next word would pass `width` columns. */
export function wrapped(paragraph: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of paragraph.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && stripVTControlCharacters(longer).length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}
