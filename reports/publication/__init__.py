"""The marts as a data set that others can take: Parquet files, a card, checksums."""
