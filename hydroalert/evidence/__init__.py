"""Evidence: pictures of reports, from the bytes that a stranger sent to what may be shown."""
