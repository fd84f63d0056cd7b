-- depends: 20261122_10_due_age
-- What people said of single observations, and why: the observation carries only the last word.

CREATE TABLE flagging (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    datastream_id integer NOT NULL REFERENCES datastream,
    phenomenon_time timestamptz NOT NULL,
    quality smallint NOT NULL,
    author text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX flagging_observation ON flagging (datastream_id, phenomenon_time);
