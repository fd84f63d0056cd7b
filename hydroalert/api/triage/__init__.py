"""Triage: which report comes first, what is known of it, what is decided about it."""
