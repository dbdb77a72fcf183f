"""What this process and all below it use, as Linux tells it: as process-tree.ts does."""

import os
import re
import sys

from setting import Unavailable


def memory_of_tree():
    """Bytes, each shared page divided among those that share it."""
    return sum(proportional_size(pid) for pid in tree_of(os.getpid()))


def cpu_time_of_tree():
    """Milliseconds of CPU time."""
    ticks = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
    return sum(cpu_ticks(pid) * 1000 / ticks for pid in tree_of(os.getpid()))


def tree_of(root):
    if sys.platform != "linux":
        raise Unavailable("is measured on Linux only")
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = stat_of(int(name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(name))
    tree = [root]
    for pid in tree:
        tree.extend(children.get(pid, []))
    return tree


def stat_of(pid):
    stat = read(f"/proc/{pid}/stat")
    return stat[stat.rfind(")") + 2 :].split(" ") if stat else []


def cpu_ticks(pid):
    fields = stat_of(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def proportional_size(pid):
    found = re.search(r"^Pss:\s+(\d+) kB", read(f"/proc/{pid}/smaps_rollup"), re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0


def read(file):
    try:
        with open(file) as opened:
            return opened.read()
    except OSError:
        return ""
