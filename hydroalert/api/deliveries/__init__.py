"""`/api/v1/deliveries`."""
