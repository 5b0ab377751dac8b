"""What was spent: costs, corrections, invoices, the report."""
