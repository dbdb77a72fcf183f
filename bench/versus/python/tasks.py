"""What the tasks of all contenders do: as tasks.ts does."""


def increment(value):
    return value + 1


def work(steps):
    state = 88172645
    for _ in range(steps):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
    return state


def echo(value):
    return value
