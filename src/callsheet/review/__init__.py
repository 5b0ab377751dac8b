"""Dailies: takes side by side in a local page, what people decide there, and the same page to hand to a client."""
