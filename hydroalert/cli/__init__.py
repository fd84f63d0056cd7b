"""The command line: one module for each noun; each says what it did, and what to do when it could not."""
