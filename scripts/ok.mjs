// npm run ok: everything that a reviewer would run, what fails fastest first. Stops at the first failure.
import { spawnSync } from "node:child_process";

const STEPS = ["format:check", "build", "lint", "unused", "pack:check", "docs", "test", "examples"];

for (const step of STEPS) {
  console.log(`\n── ${step}`);
  const { status } = spawnSync("npm", ["run", "--silent", step], { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) {
    console.error(`\nnpm run ${step} failed`);
    process.exit(1);
  }
}
console.log("\nok");
