"""The line that Python's pools are measured against: a call."""


class Pool:
    def __init__(self, _workers):
        pass

    def submit(self, task, argument):
        return task(argument)

    def result(self, value):
        return value

    def run(self, task, argument):
        return task(argument)

    def map(self, task, items):
        return [task(item) for item in items]

    def is_done(self, _value):
        return True

    def close(self):
        pass
