"""Runware: its wire, its requests and its errors."""
