"""Published CSV files: each is read and checked whole before a row is written."""
