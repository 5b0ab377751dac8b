"""The receiver of services' callbacks."""
