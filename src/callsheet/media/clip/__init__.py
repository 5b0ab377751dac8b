"""One clip, made to fit a delivery; cards, slates, titles and watermarks."""
