// A program in whose pool `executor` workers may not open what their pool has.

import { spawnSync } from "node:child_process";

/** What the program prints. */
export function runWithoutMemory(code: string): string {
  const program = `
    import { ProcessPoolExecutor } from "dure";
    const initializer = () => {
      const fs = process.getBuiltinModule("node:fs");
      const { openSync } = fs;
      fs.openSync = (path, ...rest) => {
        if (String(path).startsWith("/proc/")) throw new Error("it is forbidden");
        return openSync(path, ...rest);
      };
    };
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, initializer });
    ${code}
    await executor.shutdown();
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  return `${stdout}${stderr}`;
}
