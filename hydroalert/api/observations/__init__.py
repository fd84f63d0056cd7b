"""Observations over HTTP."""
