"""Extractors: the Hub, models and published files into the raw schema of the warehouse."""
