"""Real floods, and real weeks without one, put to the rules: what would have been told, and how well."""
