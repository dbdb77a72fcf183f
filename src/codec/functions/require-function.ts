// A CommonJS `require` crosses as the file that it resolves from. Called by `dissect`.

import { dirname, join } from "node:path";
import type { SourceTemplate } from "../template.ts";
import { SUPPLIED } from "./function-analysis.ts";
import { nextTemplateId } from "./template-ids.ts";

/** By the file that the function requires from. Bounded by the number of folders in a program. */
const templates = new Map<string, SourceTemplate>();

/** The template of a `require` (a file's own, or of `createRequire`), or undefined for any other function. */
export function requireTemplate(fn: object): SourceTemplate | undefined {
  const { resolve, cache } = fn as Partial<NodeJS.Require>;
  if (resolve === undefined || typeof resolve.paths !== "function" || typeof cache !== "object") return undefined;
  const nearest = resolve.paths("x")?.[0];
  if (nearest === undefined) return undefined;
  // Any file of the folder: only the folder counts.
  const path = join(dirname(nearest), "index.js");
  const known = templates.get(path);
  if (known !== undefined) return known;
  const template: SourceTemplate = {
    kind: "source",
    id: nextTemplateId(),
    source: SUPPLIED.require,
    file: path,
    line: 0,
    column: 0,
    variables: [],
    eager: [],
    privateStatics: [],
    strict: true,
    requirePath: path,
    name: "require",
  };
  templates.set(path, template);
  return template;
}
