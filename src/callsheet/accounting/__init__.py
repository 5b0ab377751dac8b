"""After a run: a person's decision on a doubt, an invoice, a reading of the account."""
