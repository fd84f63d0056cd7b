"""What people read: one file of templates for each language, and the pure functions that fill them."""
