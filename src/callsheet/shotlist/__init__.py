"""The user's table, CSV or Parquet: one row per shot."""
