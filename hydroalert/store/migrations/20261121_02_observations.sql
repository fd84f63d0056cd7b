-- depends: 20261121_01_registry
-- What devices said: observations, what contradicted them, what was refused, and one row a commit that tells what is new.

-- Identified by (datastream, phenomenon time): a replay, a redelivery or a resend adds nothing (G2).
-- No foreign key: admission knows the datastreams, none is ever deleted, and the check would cost more than the insert.
CREATE TABLE observation (
    phenomenon_time timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    result          double precision NOT NULL,
    datastream_id   integer NOT NULL,
    quality         smallint NOT NULL,  -- QARTOD: 1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing
    PRIMARY KEY (datastream_id, phenomenon_time)
) PARTITION BY RANGE (phenomenon_time);

-- A second, different value for one (datastream, phenomenon time): kept out of the series, never lost.
CREATE TABLE conflict (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    datastream_id   integer NOT NULL REFERENCES datastream,
    phenomenon_time timestamptz NOT NULL,
    result          double precision NOT NULL,
    quality         smallint NOT NULL,
    received_at     timestamptz NOT NULL,
    device_id       integer REFERENCES device,
    frame           bytea,
    superseded_at   timestamptz,  -- it stood in the series until an operator preferred another
    UNIQUE (datastream_id, phenomenon_time, result)
);

CREATE TABLE refused_frame (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id   integer NOT NULL REFERENCES device,
    channel     text NOT NULL CHECK (channel IN ('frames', 'status')),
    reason      text NOT NULL,
    authentic   boolean NOT NULL,  -- its tag was good: kept for a retry; else only the newest few, to look at
    tag         bytea NOT NULL,
    frame       bytea NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX refused_frame_tag ON refused_frame (device_id, tag) WHERE authentic;
CREATE INDEX refused_frame_device ON refused_frame (device_id, id);

-- One row a committed batch: what is new in it. The digest adds it to the tables below and deletes it, so that
-- bridges never wait for each other on a shared row, and a killed one leaves nothing uncounted (G6).
CREATE TABLE settlement (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    settled_at      timestamptz NOT NULL,
    datastream_ids  integer[] NOT NULL,      -- the newest newly stored observation of each datastream
    times           timestamptz[] NOT NULL,
    results         double precision[] NOT NULL,
    qualities       smallint[] NOT NULL,
    device_ids      integer[] NOT NULL,      -- what each device sent
    frames          integer[] NOT NULL,
    stored          integer[] NOT NULL,
    duplicates      integer[] NOT NULL,
    conflicts       integer[] NOT NULL,
    refused_ids     integer[] NOT NULL,      -- what was refused; 0 is a device that nobody registered
    refused_reasons text[] NOT NULL,
    refused_frames  integer[] NOT NULL,
    refused_records integer[] NOT NULL
);

CREATE TABLE latest (
    datastream_id   integer PRIMARY KEY REFERENCES datastream,
    phenomenon_time timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    result          double precision NOT NULL,
    quality         smallint NOT NULL
);

CREATE TABLE device_tally (
    device_id        integer PRIMARY KEY REFERENCES device,
    frames           bigint NOT NULL,
    stored           bigint NOT NULL,
    duplicates       bigint NOT NULL,
    conflicts        bigint NOT NULL,
    last_received_at timestamptz NOT NULL
);

CREATE TABLE refusal_tally (
    device_id integer NOT NULL,  -- 0: a device that nobody registered
    reason    text NOT NULL,
    frames    bigint NOT NULL,
    records   bigint NOT NULL,
    PRIMARY KEY (device_id, reason)
);

-- What each device wrote in one hour, for its quota.
CREATE TABLE device_hour (
    hour      timestamptz NOT NULL,
    device_id integer NOT NULL REFERENCES device,
    rows      bigint NOT NULL,
    PRIMARY KEY (hour, device_id)
);
