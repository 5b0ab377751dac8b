"""The user's table, CSV, XLSX, Parquet, JSON or Markdown: one row per shot."""
