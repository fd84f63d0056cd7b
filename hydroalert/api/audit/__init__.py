"""Who did what to what, for administrators."""
