"""The audit of the published claims: each is recomputed from the marts and given a verdict."""
