"""Datastreams over HTTP: how they are kept and tested, and what a person says of a value."""
