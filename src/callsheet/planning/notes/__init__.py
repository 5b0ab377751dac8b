"""What a plan tells beside its takes: warnings about prices and pictures, streaks of failures, the caps' verdict."""
