"""What a command prints: answers, errors, tables, plans, outcomes, progress."""
