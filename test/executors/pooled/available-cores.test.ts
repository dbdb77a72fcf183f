import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { coreShare, defaultMaxWorkers } from "#dure/executors/pooled/available-cores.js";

/** Asks on a machine of eight cores with these files. */
function workersWith(files: Record<string, string>, environment: Record<string, string> = {}): number {
  return defaultMaxWorkers({ environment, availableParallelism: () => 8, read: (path) => files[path] });
}

test("34. defaultMaxWorkers() is the cores that the process may use", () => {
  assert.equal(workersWith({}), 8);
  assert.ok(defaultMaxWorkers() >= 1 && defaultMaxWorkers() <= availableParallelism());
});

test("34. defaultMaxWorkers() honours a cgroup v2 quota, also of a group around the own one", () => {
  const self = { "/proc/self/cgroup": "0::/pod/container\n" };
  assert.equal(workersWith({ ...self, "/sys/fs/cgroup/pod/container/cpu.max": "200000 100000\n" }), 2);
  assert.equal(workersWith({ ...self, "/sys/fs/cgroup/pod/container/cpu.max": "max 100000\n", "/sys/fs/cgroup/pod/cpu.max": "150000 100000\n" }), 2);
  assert.equal(workersWith({ ...self, "/sys/fs/cgroup/pod/container/cpu.max": "max 100000\n" }), 8);
  assert.equal(workersWith({ ...self, "/sys/fs/cgroup/pod/container/cpu.max": "50000 100000\n" }), 1);
});

test("34. defaultMaxWorkers() looks at the root of a container that sees the host's path", () => {
  assert.equal(workersWith({ "/proc/self/cgroup": "0::/kubepods/x\n", "/sys/fs/cgroup/cpu.max": "300000 100000\n" }), 3);
});

test("34. defaultMaxWorkers() honours a cgroup v1 quota", () => {
  const self = { "/proc/self/cgroup": "12:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n" };
  const files = (folder: string, quota: number): Record<string, string> => ({
    ...self,
    [`${folder}/cpu.cfs_quota_us`]: `${quota}\n`,
    [`${folder}/cpu.cfs_period_us`]: "100000\n",
  });
  assert.equal(workersWith(files("/sys/fs/cgroup/cpu,cpuacct/docker/x", 250_000)), 3);
  assert.equal(workersWith(files("/sys/fs/cgroup/cpu", 100_000)), 1);
  assert.equal(workersWith(files("/sys/fs/cgroup/cpu,cpuacct", -1)), 8);
});

test("34. defaultMaxWorkers() is what DURE_MAX_WORKERS says, and refuses what is no number of workers", () => {
  assert.equal(workersWith({}, { DURE_MAX_WORKERS: "32" }), 32);
  assert.equal(workersWith({}, { DURE_MAX_WORKERS: "" }), 8);
  for (const wrong of ["0", "-1", "1.5", "many"]) {
    assert.throws(() => workersWith({}, { DURE_MAX_WORKERS: wrong }), {
      name: "RangeError",
      message: `Cannot choose the number of workers: DURE_MAX_WORKERS must be a whole number, 1 or more, got "${wrong}"`,
    });
  }
});

test("coreShare() divides the cores among the workers, one each at least, and leaves what is no number to who needs it", () => {
  const machine = (environment: Record<string, string> = {}) => ({ environment, availableParallelism: () => 8, read: () => undefined });
  assert.deepEqual(
    [1, 2, 3, 8, 20].map((maxWorkers) => coreShare(maxWorkers, machine())),
    [8, 4, 2, 1, 1],
  );
  assert.equal(coreShare(2, machine({ DURE_MAX_WORKERS: "32" })), 16);
  assert.equal(coreShare(2, machine({ DURE_MAX_WORKERS: "many" })), undefined);
});
