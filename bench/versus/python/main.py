"""The process of one contender in one measurement: python main.py MODULE KIND MEASUREMENT SIZES. As main.ts."""

import json
import os
import sys
import threading

import measurements
from setting import Setting, Unavailable, say

CLOSING = 3


def main():
    module, _kind, name, options = sys.argv[1:5]
    setting = Setting(module, **json.loads(options))
    try:
        pool = measurements.ALL[name](setting)
    except Unavailable as error:
        say({"unavailable": str(error)})
        return
    except Exception as error:
        say({"failed": f"{type(error).__name__}: {error}"})
        return
    say({"end": True})
    closing = threading.Thread(target=pool.close, daemon=True)
    closing.start()
    closing.join(CLOSING)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
