"""Who descends from whom by the weights: trees, direction, merges and a verdict on every declared edge."""
