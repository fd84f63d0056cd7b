"""Kills the platform's processes under load, again and again, and compares what is stored with what was sent."""
