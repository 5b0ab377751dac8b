"""What every wire speaks: asks, requests, answers."""
