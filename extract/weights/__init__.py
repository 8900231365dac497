"""Sketches of weights: a small block of every tensor, read from the Hub by ranges, and nothing executed."""
