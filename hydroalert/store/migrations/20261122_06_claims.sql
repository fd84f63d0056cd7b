-- depends: 20261122_05_conflict_test
-- Who sends a delivery holds it by time, never by a lock while a receiver is slow; and why a subscription fell silent.

ALTER TABLE delivery ADD COLUMN claimed_until timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE subscription ADD COLUMN disabled_because text;
