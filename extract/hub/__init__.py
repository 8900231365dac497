"""The Hub: its API page by page, its dumps, and what is known about one model."""
