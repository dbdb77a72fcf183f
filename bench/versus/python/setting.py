"""What a measurement is given and what it says: as measurement.ts does."""

import importlib
import json
import time


class Unavailable(Exception):
    """The library has no such thing: no failure, and said in the row."""


class Setting:
    def __init__(self, module, workers, count, duration):
        self.module = module
        self.workers = workers
        self.count = count
        self.duration = duration

    def load(self):
        """Imports the contender's file, and with it the library."""
        return importlib.import_module(f"contenders.{self.module}")

    def open(self):
        return self.load().Pool(self.workers)

    def report(self, column, value):
        say({"column": column, "value": value})


def say(message):
    print("versus " + json.dumps(message), flush=True)


def now():
    """Milliseconds."""
    return time.perf_counter() * 1000


def timed(work):
    """What it took in milliseconds, and what it gave."""
    begun = now()
    result = work()
    return now() - begun, result


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def check(condition, what):
    if not condition:
        raise ValueError(f"Wrong result: {what}")
