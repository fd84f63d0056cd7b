"""Devices over HTTP: viewers read, administrators change."""
