"""ProcessPoolExecutor with its defaults."""

from concurrent.futures import ProcessPoolExecutor

from contenders.futures_pool import FuturesPool


class Pool(FuturesPool):
    def __init__(self, workers):
        super().__init__(ProcessPoolExecutor(workers))
