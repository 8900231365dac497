"""Charts: values in, drawings out. Nothing here reads a warehouse or writes a file."""
