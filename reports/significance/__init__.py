"""Significance: pure statistics on arrays, stated rules for verdicts, and the runner that writes ``stats``."""
