"""The cases of the vectors, stated by hand: what is expected is written down, not asked of an implementation."""
