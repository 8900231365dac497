"""Charts: rows of the marts in, Altair charts out. Nothing here reads a warehouse or writes a file but ``files``."""
