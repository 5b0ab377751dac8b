"""ByteCompute's side of its protocol."""
