"""Checking one model: from the warehouse, or live from the Hub."""
