"""The receiver of services' own calls."""
