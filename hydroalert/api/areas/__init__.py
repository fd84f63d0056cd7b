"""Alert areas over HTTP: anyone reads, administrators change."""
