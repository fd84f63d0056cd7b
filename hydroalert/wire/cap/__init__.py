"""Common Alerting Protocol 1.2 (OASIS Standard, 1 July 2010): messages as values, written and read without I/O."""
