"""Try hostile inputs: ``python -m tests.fuzz [--inputs N] [--seed N]``; ends with 1 when something went wrong."""

import argparse
import logging
import os
import random
import sys
import tempfile
import time

from tests.fuzz.servers import hostile_server
from tests.fuzz.subjects import parsers
from tests.fuzz.tally import Tally, table, tried
from tests.fuzz.warehouses import warehouse_files

INPUTS = 3_200


def fuzz(n_inputs: int, seed: int) -> list[Tally]:
    """Try every subject with its share of the inputs, in a warehouse and a cache of their own."""
    logging.disable(logging.WARNING)
    kept = {name: os.environ.get(name) for name in ("MODELKIN_DB", "MODELKIN_CACHE")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"MODELKIN_DB": f"{folder}/fuzz.duckdb", "MODELKIN_CACHE": f"{folder}/cache"}
        try:
            with hostile_server() as server:
                subjects = [*parsers(), warehouse_files(), server]
                return [tried(one, max(1, round(n_inputs * one.share)), seed) for one in subjects]
        finally:
            logging.disable(logging.NOTSET)
            for name, value in kept.items():
                os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


def main() -> int:
    """Run, print the table and what went wrong, and return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}; the same inputs again: make fuzz SEED={arguments.seed}", flush=True)
    started = time.monotonic()
    tallies = fuzz(arguments.inputs, arguments.seed)
    print(table(tallies))
    for tally in tallies:
        for sample in tally.samples:
            print(f"\n{sample}", file=sys.stderr)
    print(f"{time.monotonic() - started:,.0f} seconds")
    return 0 if all(tally.is_clean for tally in tallies) else 1


if __name__ == "__main__":
    sys.exit(main())
