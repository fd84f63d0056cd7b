-- depends: 20261121_02_observations
-- How bridge workers share the broker's frames.

-- One row: what this platform is. The share group is a secret: who knows it could join it.
CREATE TABLE platform (
    singleton      boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    share_group    text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
    newest_arrival timestamptz  -- the platform's clock must not fall behind it (G10)
);
INSERT INTO platform DEFAULT VALUES;

-- A lane is one persistent broker session in the share group; whoever holds its lease works it.
CREATE TABLE lane (
    id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_id text NOT NULL UNIQUE DEFAULT replace(gen_random_uuid()::text, '-', ''),
    holder    uuid,
    until     timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE worker (
    id       uuid PRIMARY KEY,
    until    timestamptz NOT NULL,
    lane_lag integer NOT NULL DEFAULT 0  -- frames taken from the broker and not yet settled
);

-- What is done once for all workers: whoever finds a beat due and unlocked does it.
CREATE TABLE beat (
    name text PRIMARY KEY,
    at   timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO beat (name) VALUES ('digest'), ('time'), ('upkeep');
