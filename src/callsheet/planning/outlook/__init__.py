"""What follows from a plan: cheaper ways, the time it takes, how it differs from another, a dry run."""
