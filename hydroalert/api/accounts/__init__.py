"""`/api/v1/login`, `/api/v1/account`, `/api/v1/accounts` and `/api/v1/keys`: who people and machines are."""
