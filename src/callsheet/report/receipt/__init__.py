"""Pages for people: the report as a receipt of what was bought, costs to print."""
