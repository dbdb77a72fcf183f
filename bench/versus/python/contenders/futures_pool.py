"""What both executors of concurrent.futures have in common."""


class FuturesPool:
    def __init__(self, executor):
        self.executor = executor
        self.submit = executor.submit
        self.map = executor.map

    def run(self, task, argument):
        return self.executor.submit(task, argument).result()

    def result(self, future):
        return future.result()

    def cancel(self, future):
        return future.cancel()

    def is_done(self, future):
        return future.done()

    def close(self):
        self.executor.shutdown()
