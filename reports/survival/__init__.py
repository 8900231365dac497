"""How long models and families stay on the Hub, and how long a base waits for its first derivative."""
