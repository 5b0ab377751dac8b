"""A list's file in any supported format, read as a table of cells or written from one."""
