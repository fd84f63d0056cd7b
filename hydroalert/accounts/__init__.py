"""Accounts: who people and machines are, and how they prove it. Decisions are pure; each act is one transaction."""
