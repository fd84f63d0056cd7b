"""`/api/v1/subscriptions`."""
