"""Dailies: takes side by side on a local page, people's decisions, and the same page to hand to a client."""
