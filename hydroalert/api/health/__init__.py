"""Whether the platform is well, and what is not."""
