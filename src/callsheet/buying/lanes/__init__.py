"""A lane as one run uses it: its slots, its pace, its jobs polled together; and the wires, accounts and lanes that a run has opened."""
