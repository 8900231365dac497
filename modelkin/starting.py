"""Starting a command line: an interrupt that comes while its modules are read ends in one sentence, too.

This module imports next to nothing, so that there is next to no time before it.
"""

import importlib
import sys
from typing import Final

NOTHING_DONE: Final = "Interrupted before anything was done."


def start(package: str) -> None:
    """Read the command line of ``package`` and run it. Interrupted while reading, end with exit code 130."""
    try:
        main = importlib.import_module(f"{package}.cli").main
    except KeyboardInterrupt:
        print(NOTHING_DONE, file=sys.stderr)  # noqa: T201
        sys.exit(130)
    main()
