"""dbt with this project read: what takes it five seconds at every start, far longer than most builds of the tests.

The server from which processes are forked imports this module once; every command then finds it done.
"""

import atexit
import os
import sys
import tempfile

from dbt.adapters.factory import reset_adapters
from dbt.cli.main import dbtRunner

with tempfile.TemporaryDirectory() as _folder:
    _read = dbtRunner().invoke(
        [
            "--quiet",
            "--log-level-file",
            "none",
            "parse",
            "--no-partial-parse",
            "--no-write-json",
            "--target-path",
            _folder,
        ]
    )
reset_adapters()
if not _read.success:
    sys.exit(f"dbt cannot read the project: {_read.exception}")

PROJECT = _read.result
"""The manifest of the project, as dbt holds it in memory."""

# Nothing of it is to be taken down at the end, on which DuckDB's module would remark at length.
atexit.register(os._exit, 0)
