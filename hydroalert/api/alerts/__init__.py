"""Alerts over HTTP: what is warned of, and on this machine why."""
