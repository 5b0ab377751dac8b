"""Reports on what was planned, bought and made, for scripts (documents, tables) and for people (the page)."""
