-- depends: 20261121_03_bridge
-- A value may stand in the series more than once, before and after an operator's choice that was undone: each time it
-- was superseded is a row of its own, so that "what did we know then" stays answered. What never stood is kept once.

ALTER TABLE conflict DROP CONSTRAINT conflict_datastream_id_phenomenon_time_result_key;
CREATE UNIQUE INDEX conflict_open ON conflict (datastream_id, phenomenon_time, result) WHERE superseded_at IS NULL;
CREATE INDEX conflict_key ON conflict (datastream_id, phenomenon_time);
