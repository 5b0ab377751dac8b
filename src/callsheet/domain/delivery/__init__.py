"""What a delivery asks for: fitting, captions, titles, watermarks, leaders, sound beds, formats."""
