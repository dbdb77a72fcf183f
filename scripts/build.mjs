// Builds dist/: the compiled sources, then the self-contained worker entries.
import { spawnSync } from "node:child_process";

const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-b", ...process.argv.slice(2)], { stdio: "inherit" });
process.exit(tsc.status ?? 1);
