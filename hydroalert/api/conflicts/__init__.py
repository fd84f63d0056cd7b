"""Conflicts over HTTP: viewers look, operators prefer."""
