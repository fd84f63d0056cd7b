-- depends: 20261122_02_areas
-- From observation to warning: what waits to be judged, the state of each area, its revisions, and what people did.
-- Whatever waits is claimed with SKIP LOCKED and deleted when done (G6).

-- One row for each judged datastream of each commit that stored something new of it.
CREATE TABLE due (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    datastream_id integer NOT NULL,
    since timestamptz NOT NULL
);
-- Areas to be judged again, appended by whoever changed something that bears on them.
CREATE TABLE area_due (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id integer NOT NULL,
    drill boolean NOT NULL DEFAULT false
);
CREATE INDEX area_due_area ON area_due (area_id, drill);

-- One row for each area and one for its exercises; whoever changes an area's state holds it.
CREATE TABLE area_state (
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    drill boolean NOT NULL,
    revision bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now(),
    memory jsonb NOT NULL DEFAULT '{}',
    findings jsonb NOT NULL DEFAULT '[]',
    snapshot jsonb NOT NULL DEFAULT '{}',
    judge_at timestamptz NOT NULL DEFAULT '-infinity',
    judged_at timestamptz,
    failure text,
    PRIMARY KEY (area_id, drill)
);
CREATE INDEX area_state_judge_at ON area_state (judge_at);
CREATE FUNCTION area_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO area_state (area_id, drill, judge_at) VALUES (NEW.id, false, '-infinity'), (NEW.id, true, 'infinity');
    INSERT INTO publication (area_id, drill) VALUES (NEW.id, false);
    RETURN NULL;
END $$;

CREATE TABLE alert (
    id uuid PRIMARY KEY,
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    hazard code NOT NULL,
    drill boolean NOT NULL,
    active boolean NOT NULL,
    severity text NOT NULL,
    public_severity text,
    body jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    cleared_at timestamptz,
    CHECK (active = (cleared_at IS NULL))
);
CREATE UNIQUE INDEX alert_one ON alert (area_id, hazard, drill) WHERE active;
CREATE INDEX alert_history ON alert (area_id, raised_at);

CREATE TABLE revision (
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    drill boolean NOT NULL,
    revision bigint NOT NULL,
    alert_id uuid NOT NULL REFERENCES alert,
    transition text NOT NULL,
    hazard code NOT NULL,
    severity text NOT NULL,
    public boolean NOT NULL,
    at timestamptz NOT NULL,
    author text,
    reason text,
    why jsonb NOT NULL,
    snapshot jsonb NOT NULL,
    PRIMARY KEY (area_id, drill, revision)
);
CREATE INDEX revision_alert ON revision (alert_id, revision);
CREATE INDEX revision_at ON revision (at);

-- One CAP 1.2 message for each revision that the public sees.
CREATE TABLE cap_message (
    identifier text PRIMARY KEY,
    area_id integer NOT NULL,
    drill boolean NOT NULL,
    revision bigint NOT NULL,
    alert_id uuid NOT NULL REFERENCES alert,
    message_type text NOT NULL CHECK (message_type IN ('Alert', 'Update', 'Cancel')),
    sent timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    xml text NOT NULL,
    UNIQUE (area_id, drill, revision),
    FOREIGN KEY (area_id, drill, revision) REFERENCES revision ON DELETE CASCADE
);
CREATE INDEX cap_message_alert ON cap_message (alert_id, revision);
CREATE INDEX cap_message_sent ON cap_message (sent);

-- What people decided by hand: raise, hold or clear a hazard in an area, until it expires or is ended.
CREATE TABLE override (
    id uuid PRIMARY KEY,
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    hazard code NOT NULL,
    drill boolean NOT NULL,
    kind text NOT NULL CHECK (kind IN ('raise', 'hold', 'clear')),
    severity text,
    reason text NOT NULL,
    author text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX override_area ON override (area_id, drill);
-- What people said of an alert: acknowledged it, released it to the public, confirmed a suspect value, remarked.
CREATE TABLE remark (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid NOT NULL REFERENCES alert ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('acknowledge', 'release', 'confirm', 'comment')),
    author text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX remark_alert ON remark (alert_id);
