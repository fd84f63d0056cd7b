-- depends: 20261122_14_accounts
-- How often a client may ask, counted by all api processes together (GCRA): lost in a crash, and that is right.

CREATE UNLOGGED TABLE rate (
    bucket     text PRIMARY KEY,
    allowed_at timestamptz NOT NULL  -- the theoretical arrival time
);
CREATE INDEX rate_allowed_at ON rate (allowed_at);
