"""What is on disk: the project folder, its clips, atomic files."""
