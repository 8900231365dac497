"""Errors that a user can act on: each message says what happened, where, and what to do."""


class ModelkinError(Exception):
    """Base of every error that the command line turns into one line and exit code 1."""


class UsageError(ModelkinError):
    """The command was called in a way that cannot work: exit code 2."""


class InputError(ModelkinError):
    """A file or a reply does not hold what it should."""


class HubError(ModelkinError):
    """The Hub refused or could not be reached."""


class WarehouseError(ModelkinError):
    """The DuckDB file is locked, unreadable, or not a Modelkin warehouse."""
