"""The columns of a list: their names and units in the field's dialects, and what their cells mean."""
