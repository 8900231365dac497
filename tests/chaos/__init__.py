"""Faults on purpose: commands that are killed at any moment, and what they leave behind."""
