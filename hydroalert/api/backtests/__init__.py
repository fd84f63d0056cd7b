"""Back-tests over HTTP: on loopback only, until there are accounts."""
