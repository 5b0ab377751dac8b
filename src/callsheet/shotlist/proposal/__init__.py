"""A proposed mapping for a foreign table, with the questions that only its author can answer."""
