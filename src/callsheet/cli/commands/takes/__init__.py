"""What people see and decide of takes: status, review, marks."""
