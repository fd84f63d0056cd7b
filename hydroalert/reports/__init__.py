"""Reports: what citizens saw, and what operators decide about it (triage)."""
