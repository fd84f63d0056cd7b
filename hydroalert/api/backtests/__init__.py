"""Back-tests over HTTP, for operators."""
