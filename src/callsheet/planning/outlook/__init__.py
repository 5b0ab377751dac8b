"""What follows from a plan: cheaper options, its time, its difference from another plan, a dry run."""
