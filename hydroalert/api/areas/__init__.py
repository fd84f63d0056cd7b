"""Alert areas over HTTP: anyone reads; until there are accounts, only loopback changes."""
