"""HydroAlert: flood-warning telemetry that keeps what it acknowledges."""
