"""The engine: plans, buys, fetches and finishes. No Prefect here; flows and commands drive it."""
