"""The post-step: significance tests, figures, reports and exports, from the marts alone."""
