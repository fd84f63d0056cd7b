-- What the platform knows of the world: stations, their datastreams, the devices that fill them, and the keys they sign with.

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE DOMAIN code AS text CHECK (VALUE ~ '^[a-z0-9][a-z0-9-]{0,62}$');

CREATE TABLE station (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code          code NOT NULL UNIQUE,
    official_code text NOT NULL,
    name          text NOT NULL,
    river         text,
    position      geometry(Point, 4326) NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX station_position ON station USING gist (position);
CREATE INDEX station_position_m ON station USING gist ((position::geography));

CREATE TABLE datastream (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station_id integer NOT NULL REFERENCES station,
    code       text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,31}$'),
    unit       text NOT NULL CHECK (unit <> ''),
    interval_s integer NOT NULL CHECK (interval_s > 0),
    live_for_s integer NOT NULL CHECK (live_for_s > 0),
    UNIQUE (station_id, code)
);

CREATE TABLE device (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code          code NOT NULL UNIQUE,
    station_id    integer NOT NULL REFERENCES station,
    revoked_at    timestamptz,
    rows_per_hour integer CHECK (rows_per_hour > 0),  -- NULL: the platform's default quota
    password      bytea NOT NULL,                     -- of its broker account, sealed under the master key
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE device_key (
    device_id  integer NOT NULL REFERENCES device,
    key_id     smallint NOT NULL CHECK (key_id BETWEEN 0 AND 255),
    sealed     bytea NOT NULL,  -- AES-GCM under the master key, bound to device and key id
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,     -- NULL: in force until it is rotated
    PRIMARY KEY (device_id, key_id)
);

-- One device at a time fills a datastream; a second instrument is a second datastream.
CREATE TABLE assignment (
    datastream_id integer NOT NULL REFERENCES datastream,
    device_id     integer NOT NULL REFERENCES device,
    during        tstzrange NOT NULL,
    EXCLUDE USING gist (datastream_id WITH =, during WITH &&)
);
CREATE INDEX assignment_device ON assignment (device_id);

CREATE TABLE device_status (
    device_id     integer PRIMARY KEY REFERENCES device,
    online        boolean NOT NULL,
    session       bigint NOT NULL,
    ended_session bigint,       -- an offline that overtook its own online
    at            timestamptz,
    firmware      text,
    uptime_s      double precision,
    received_at   timestamptz NOT NULL
);

-- The broker's accounts follow the devices: one row a change, deleted once the broker has it.
CREATE TABLE broker_change (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id integer NOT NULL REFERENCES device
);

-- Bridges and apis hold the registry in memory; whoever changes it tells them which device to read again.
CREATE FUNCTION notify_registry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD.device_id; ELSE changed := NEW.device_id; END IF;
    PERFORM pg_notify('registry', (SELECT code FROM device WHERE id = changed));
    RETURN NULL;
END $$;

CREATE FUNCTION notify_device() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('registry', NEW.code);
    RETURN NULL;
END $$;

CREATE FUNCTION notify_datastream() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('registry', device.code)
    FROM assignment JOIN device ON device.id = assignment.device_id
    WHERE assignment.datastream_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION notify_broker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY broker_change;
    RETURN NULL;
END $$;

CREATE TRIGGER device_changed AFTER INSERT OR UPDATE ON device
    FOR EACH ROW EXECUTE FUNCTION notify_device();
CREATE TRIGGER device_key_changed AFTER INSERT OR UPDATE OR DELETE ON device_key
    FOR EACH ROW EXECUTE FUNCTION notify_registry();
CREATE TRIGGER assignment_changed AFTER INSERT OR UPDATE OR DELETE ON assignment
    FOR EACH ROW EXECUTE FUNCTION notify_registry();
CREATE TRIGGER datastream_changed AFTER UPDATE ON datastream
    FOR EACH ROW EXECUTE FUNCTION notify_datastream();
CREATE TRIGGER broker_changed AFTER INSERT ON broker_change
    FOR EACH STATEMENT EXECUTE FUNCTION notify_broker();
