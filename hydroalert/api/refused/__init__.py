"""Refused frames over HTTP: viewers look, administrators try again."""
