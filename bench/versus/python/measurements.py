"""The measurements, as those of measure/measurements/ are."""

import gc
import time

import tasks
from process_tree import cpu_time_of_tree, memory_of_tree
from setting import Unavailable, check, now, quantile, timed

WARM_UPS = 2
LONG_ONE_IN = 50
LONG_PLACE = 17
PAYLOADS = [("64 B", 64), ("1 KiB", 1024), ("32 KiB", 32 << 10), ("1 MiB", 1 << 20), ("8 MiB", 8 << 20), ("64 MiB", 64 << 20)]


def need(pool, method, what):
    if not hasattr(pool, method):
        raise Unavailable(what)
    return getattr(pool, method)


def throughput(setting, pool, submit, tenths=None):
    tenth = -(-setting.count // 10)
    warm(setting.duration / 2, lambda: check_incremented(submit(tenth), tenth))
    if tenths is not None:
        setting.report(tenths, rate_of(submit, tenth, setting.duration))
    setting.report("tasks/s", rate_of(submit, setting.count, setting.duration))
    return pool


def rate_of(submit, count, duration):
    times = []
    while not times or sum(times) < duration:
        took, results = timed(lambda: submit(count))
        times.append(took)
        check_incremented(results, count)
    return count / quantile(times, 0.5) * 1000


def warm(milliseconds, work):
    until = now() + milliseconds
    work()
    while now() < until:
        work()


def check_incremented(results, count):
    check(len(results) == count, f"{len(results)} results of {count}")
    for index, value in enumerate(results):
        check(value == index + 1, f"{value} for {index} + 1")


def submit_all(setting):
    pool = setting.open()
    submit = need(pool, "submit", "has no submit")

    def submit_and_wait(count):
        pending = [submit(tasks.increment, index) for index in range(count)]
        return [pool.result(one) for one in pending]

    return throughput(setting, pool, submit_and_wait, "a tenth at once")


def through_map(setting):
    pool = setting.open()
    return throughput(setting, pool, lambda count: list(pool.map(tasks.increment, range(count))))


def awaited(setting):
    pool = setting.open()
    run = need(pool, "run", "has no submit")

    def trip(index):
        check(run(tasks.increment, index) == index + 1, f"{index} + 1")

    warm(setting.duration, lambda: trip(1))
    times = [timed(lambda: trip(index))[0] for index in range(setting.count)]
    setting.report("p50", quantile(times, 0.5))
    setting.report("p99", quantile(times, 0.99))
    return pool


def start_up(setting):
    begun = now()
    module = setting.load()
    imported = now()
    pool = module.Pool(setting.workers)
    result = list(pool.map(tasks.increment, [1]))[0]
    finished = now()
    check(result == 2, "1 + 1")
    setting.report("import", imported - begun)
    setting.report("first result", finished - begun)
    return pool


def steps_per_millisecond():
    steps = 1000
    while timed(lambda: tasks.work(steps))[0] < 10:
        steps *= 2
    return steps / min(timed(lambda: tasks.work(steps))[0] for _ in range(9))


def warm_up(pool, workers):
    steps = round(steps_per_millisecond() * 20)
    run_all(pool, tasks.work, [steps] * workers * 4)
    run_all(pool, tasks.increment, range(1000))


def run_all(pool, task, arguments):
    """One submit each, or map where there is no submit."""
    if not hasattr(pool, "submit"):
        return list(pool.map(task, arguments))
    pending = [pool.submit(task, argument) for argument in arguments]
    return [pool.result(one) for one in pending]


def share_of_ideal(pool, workers, milliseconds):
    per_millisecond = steps_per_millisecond()
    known = {}
    for duration in set(milliseconds):
        steps = round(duration * per_millisecond)
        known[duration] = (steps, tasks.work(steps), duration_alone(steps))
    took, results = timed(lambda: run_all(pool, tasks.work, [known[duration][0] for duration in milliseconds]))
    check(results == [known[duration][1] for duration in milliseconds], "the work's last state")
    # The machine may have become quicker since, and nobody is quicker than the ideal.
    alone = {duration: min(before, duration_alone(steps)) for duration, (steps, _, before) in known.items()}
    return ideal_schedule([alone[duration] for duration in milliseconds], workers) / took


def duration_alone(steps):
    """Of several the middle one: an interruption does not count."""
    return quantile([timed(lambda: tasks.work(steps))[0] for _ in range(5)], 0.5)


def ideal_schedule(durations, workers):
    free = [0.0] * workers
    for duration in durations:
        first = free.index(min(free))
        free[first] += duration
    return max(free)


def equal_durations(setting):
    pool = setting.open()
    warm_up(pool, setting.workers)
    for milliseconds in (1, 10, 100):
        count = max(setting.workers, round(setting.duration / milliseconds) * setting.workers)
        setting.report(f"{milliseconds} ms", share_of_ideal(pool, setting.workers, [milliseconds] * count))
    return pool


def mixed(setting):
    pool = setting.open()
    warm_up(pool, setting.workers)
    durations = [100 if index % LONG_ONE_IN == LONG_PLACE else 1 for index in range(setting.count)]
    setting.report("share", share_of_ideal(pool, setting.workers, durations))
    return pool


def payload(make):
    def sweep(setting):
        pool = setting.open()
        list(pool.map(tasks.increment, [1]))
        for name, size in PAYLOADS:
            setting.report(name, trips_of(pool, make(size), setting))
        return pool

    return sweep


def trips_of(pool, value, setting):
    times = []
    while len(times) < 2 * WARM_UPS or (len(times) <= setting.count and sum(times) < setting.duration):
        took, received = timed(lambda: run_all(pool, tasks.echo, [value])[0])
        check(received == value, "a payload")
        times.append(took)
    return quantile(times[WARM_UPS:], 0.5)


def records(size):
    return [{"id": index, "name": f"record number {index}", "price": index + 0.5, "isNew": index % 2 == 0} for index in range(-(-size // 64))]


def without_equivalent(_setting):
    raise Unavailable("has nothing like it")


def cancel(setting):
    pool = setting.open()
    cancel_one = need(pool, "cancel", "cannot cancel a task")
    warm_up(pool, setting.workers)

    def burst():
        pending = [pool.submit(tasks.increment, index) for index in range(setting.count)]
        cancelled = [index % 2 == 1 and cancel_one(one) for index, one in enumerate(pending)]
        return cancelled, [None if is_cancelled else pool.result(one) for one, is_cancelled in zip(pending, cancelled)]

    took, (cancelled, results) = timed(burst)
    for index, value in enumerate(results):
        check(cancelled[index] or value == index + 1, f"{index} + 1")
    setting.report("all settled", took)
    setting.report("cancelled", sum(cancelled) / (setting.count // 2))
    return pool


def settled_memory():
    time.sleep(0.3)
    gc.collect()
    return memory_of_tree()


def memory(setting):
    steps_per_millisecond()
    before = settled_memory()
    pool = setting.open()
    warm_up(pool, setting.workers)
    setting.report("per worker", (settled_memory() - before) / setting.workers)
    submit = need(pool, "submit", "has no submit, and so no queue")
    steps = round(steps_per_millisecond() * setting.duration)
    busy = [submit(tasks.work, steps) for _ in range(setting.workers)]
    before = settled_memory()
    pending = [submit(tasks.increment, index) for index in range(setting.count)]
    after = settled_memory()
    done = sum(pool.is_done(one) for one in pending)
    if done == len(pending):
        raise Unavailable("has no queue")
    if done > 0:
        raise Unavailable(f"{done} tasks ran although as many long ones as workers came first")
    for one in busy:
        pool.result(one)
    for index, one in enumerate(pending):
        check(pool.result(one) == index + 1, f"{index} + 1")
    setting.report("per queued task", (after - before) / setting.count)
    return pool


def idle(setting):
    pool = setting.open()
    warm_up(pool, setting.workers)
    time.sleep(0.5)
    begun, before = now(), cpu_time_of_tree()
    time.sleep(setting.duration / 1000)
    setting.report("per second", (cpu_time_of_tree() - before) * 1000 / (now() - begun))
    return pool


ALL = {
    "submit-all": submit_all,
    "map": through_map,
    "awaited": awaited,
    "start-up": start_up,
    "durations": equal_durations,
    "mixed": mixed,
    "payload-object": payload(records),
    "payload-string": payload(lambda size: "dure" * (size // 4)),
    "payload-typed-array": payload(lambda size: b"\x07" * size),
    "payload-moved": without_equivalent,
    "payload-shared": without_equivalent,
    "cancel": cancel,
    "memory": memory,
    "idle": idle,
    "closures": without_equivalent,
}
