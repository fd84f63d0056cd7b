-- depends: 20261121_05_seal
-- Which quality test set the flag of an observation (domain.quality.Test), and how each datastream is tested.

ALTER TABLE observation ADD COLUMN test smallint NOT NULL DEFAULT 0;
ALTER TABLE latest ADD COLUMN test smallint NOT NULL DEFAULT 0;
ALTER TABLE settlement ADD COLUMN tests smallint[] NOT NULL DEFAULT '{}';

ALTER TABLE datastream
    ADD COLUMN quality_settings jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN maintenance_until timestamptz;
-- An internal station is the platform's own (the canary's): no list shows it.
ALTER TABLE station
    ADD COLUMN maintenance_until timestamptz,
    ADD COLUMN internal boolean NOT NULL DEFAULT false;
