"""Fingerprints: the prompts of base models, and the bottom-k sets with which models answer them."""
