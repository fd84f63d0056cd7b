"""Rules over HTTP: viewers read, administrators change."""
