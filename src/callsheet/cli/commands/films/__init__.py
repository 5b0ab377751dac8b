"""From clips to what is handed over: films, approvals, deliveries, edits."""
