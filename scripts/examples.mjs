// npm run examples: runs every example program, examples/*/run-*.ts, as a user would. Needs a build. Those that take long
// get arguments that make them short; `--full` leaves them as they are.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const SHORT = { "big-multiply": ["20", "25", "13"], fetch: ["60"], images: ["12"], server: ["10"], sleepers: ["300"] };
const isFull = process.argv.includes("--full");

const programs = readdirSync("examples", { recursive: true })
  .map((name) => `examples/${name.replaceAll("\\", "/")}`)
  .filter((name) => /\/run-[^/]*\.ts$/.test(name))
  .sort();

if (programs.length === 0) throw new Error("There is no example to run");
for (const program of programs) {
  const args = isFull ? [] : (SHORT[program.split("/")[1]] ?? []);
  console.log([program, ...args].join(" "));
  const { status } = spawnSync(process.execPath, ["--import", "tsx", program, ...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
