"""Tests mirror the package; `_services` and `conftest` give them real services."""
