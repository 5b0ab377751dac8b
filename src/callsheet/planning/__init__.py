"""Reads the project, decides on every take, and prices the plan and checks it against the caps."""
