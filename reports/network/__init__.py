"""The lineage network: its measures and its exports."""
