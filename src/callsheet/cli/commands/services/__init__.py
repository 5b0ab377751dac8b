"""What services sell, and what stands in for them: models, prices, callbacks, conformance, the stand-in."""
