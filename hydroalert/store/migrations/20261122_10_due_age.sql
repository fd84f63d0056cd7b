-- depends: 20261122_09_unsettled
-- How long something newly stored has waited to be judged: whoever watches alerting asks.

ALTER TABLE due ADD COLUMN at timestamptz NOT NULL DEFAULT now();
