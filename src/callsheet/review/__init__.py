"""Pages and addresses that callsheet itself serves."""
