"""What a plan shows in addition to its takes: warnings about prices and pictures, streaks of failures, the caps' verdict."""
