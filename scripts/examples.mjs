// npm run examples: runs every example program, examples/*/run-*.ts, as a user would. Needs a build.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const programs = readdirSync("examples", { recursive: true })
  .map((name) => `examples/${name.replaceAll("\\", "/")}`)
  .filter((name) => /\/run-[^/]*\.ts$/.test(name))
  .sort();

if (programs.length === 0) throw new Error("There is no example to run");
for (const program of programs) {
  console.log(program);
  const { status } = spawnSync(process.execPath, ["--import", "tsx", program], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
