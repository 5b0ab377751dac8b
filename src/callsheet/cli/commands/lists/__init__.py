"""What a shot list says: reading it, importing it, one shot in full."""
