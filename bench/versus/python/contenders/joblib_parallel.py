"""joblib's Parallel with its defaults, kept open. It has no call for one task: what is asked of one is a list of one."""

from joblib import Parallel, delayed


class Pool:
    def __init__(self, workers):
        self.parallel = Parallel(n_jobs=workers)
        self.parallel.__enter__()

    def map(self, task, items):
        return self.parallel(delayed(task)(item) for item in items)

    def run(self, task, argument):
        return self.map(task, [argument])[0]

    def close(self):
        self.parallel.__exit__(None, None, None)
