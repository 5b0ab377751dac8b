"""What all processes on a ledger know of a lane (an account at a model): its slots, its pace, and whether it is stopped."""
