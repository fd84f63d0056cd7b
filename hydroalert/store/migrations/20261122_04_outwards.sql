-- depends: 20261122_03_alerts
-- Everyone who must hear of it: retained topics, subscriptions and their deliveries; and who watches the watcher.

-- A revision that its area's retained topic does not show yet; written with the revision, deleted once it is shown.
CREATE TABLE outbox (
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    drill boolean NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (area_id, drill, revision)
);
-- What the broker was last told of an area; whoever publishes it holds the row.
CREATE TABLE publication (
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    drill boolean NOT NULL,
    revision bigint NOT NULL DEFAULT -1,
    renew_at timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (area_id, drill)
);
CREATE TRIGGER area_added AFTER INSERT ON area FOR EACH ROW EXECUTE FUNCTION area_added();

CREATE TABLE subscription (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('apprise', 'webhook')),
    sealed bytea NOT NULL,
    shown text NOT NULL,
    area_id integer REFERENCES area ON DELETE CASCADE,
    least_severity text NOT NULL,
    audience text NOT NULL CHECK (audience IN ('public', 'operators')),
    language text NOT NULL,
    drills boolean NOT NULL DEFAULT false,
    repeats_per_hour integer CHECK (repeats_per_hour > 0),
    enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id integer NOT NULL REFERENCES subscription ON DELETE CASCADE,
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    drill boolean NOT NULL,
    revision bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'superseded', 'dead')),
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    failure text,
    done_at timestamptz,
    UNIQUE (subscription_id, area_id, drill, revision),
    FOREIGN KEY (area_id, drill, revision) REFERENCES revision ON DELETE CASCADE
);
CREATE INDEX delivery_waiting ON delivery (due_at) WHERE state = 'waiting';

-- Alerting processes that are alive, and the canary: a frame of the platform's own that goes the whole way.
CREATE TABLE alerter (
    id uuid PRIMARY KEY,
    until timestamptz NOT NULL
);
CREATE TABLE canary (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    device_id integer REFERENCES device,
    datastream_id integer REFERENCES datastream,
    boot bigint NOT NULL DEFAULT 0,
    sent_at timestamptz,
    echoed_at timestamptz,
    delay_s double precision
);
INSERT INTO canary DEFAULT VALUES;
INSERT INTO beat (name) VALUES ('canary'), ('deadman');
