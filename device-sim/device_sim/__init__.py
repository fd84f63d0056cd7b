"""A fleet of simulated devices: a client like any other."""
