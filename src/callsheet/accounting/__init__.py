"""Afterwards: a person's word on a doubt, an invoice, a reading of the account."""
