-- depends: 20261122_04_outwards
-- A value kept beside the series may come into it: the test that set its flag comes with it.

ALTER TABLE conflict ADD COLUMN test smallint NOT NULL DEFAULT 0;
