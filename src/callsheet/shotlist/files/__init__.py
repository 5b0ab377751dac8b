"""A file of any format that lists come in, read as a table of cells or written from one."""
