// npm run ok: everything that a reviewer would run, what fails fastest first. Stops at the first failure.
// `--except STEP` leaves one out.
import { spawnSync } from "node:child_process";

const STEPS = ["format:check", "build", "lint", "unused", "pack:check", "docs", "test", "examples"];

const except = process.argv[2] === "--except" ? process.argv[3] : undefined;
const steps = STEPS.filter((step) => step !== except);
let passed = 0;
for (const step of steps) {
  console.log(`\n── ${step}`);
  const { status } = spawnSync("npm", ["run", "--silent", step], { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) break;
  passed++;
}
if (passed < steps.length) console.error(`\nnpm run ${steps[passed]} failed`);
console.log(`\n${passed} passed, ${passed < steps.length ? 1 : 0} failed`);
process.exit(passed < steps.length ? 1 : 0);
