"""How many variants are tried, each from a seed of its own: a failure names the seed, and FUZZ_SEED tries it alone."""

import os
import time
from collections.abc import Iterator
from random import Random

FUZZ = int(os.environ.get("FUZZ", "0"))


def variants(few: int, share: float) -> Iterator[tuple[str, Random]]:
    """Seed and generator of each variant: the same few in the suite, and with FUZZ that share of it, new ones."""
    if only := os.environ.get("FUZZ_SEED"):
        seeds = [only]
    elif FUZZ:
        first = int(time.time()) * 1_000
        seeds = [str(first + number) for number in range(max(few, int(FUZZ * share)))]
    else:
        seeds = [str(number) for number in range(few)]
    for seed in seeds:
        yield seed, Random(seed)
