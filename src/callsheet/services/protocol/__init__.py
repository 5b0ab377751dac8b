"""The protocol of every wire: asks, requests, answers."""
