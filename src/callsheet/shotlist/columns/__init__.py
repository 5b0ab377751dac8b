"""The columns of a list: their names and units in other tools and languages, and the meaning of their cells."""
