"""Reading and answering requests, for all protocols."""
