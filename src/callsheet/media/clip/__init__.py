"""One clip, fitted to a delivery; cards, slates, titles and watermarks."""
