"""mpire's WorkerPool with its defaults, its workers kept from call to call."""

from mpire import WorkerPool


class Pool:
    def __init__(self, workers):
        self.pool = WorkerPool(n_jobs=workers, keep_alive=True)

    def submit(self, task, argument):
        return self.pool.apply_async(task, (argument,))

    def result(self, pending):
        return pending.get()

    def is_done(self, pending):
        return pending.ready()

    def run(self, task, argument):
        return self.pool.apply(task, (argument,))

    def map(self, task, items):
        return self.pool.map(task, items)

    def close(self):
        self.pool.terminate()
