"""ByteCompute: its wire and its errors."""
