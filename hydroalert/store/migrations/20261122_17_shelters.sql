-- depends: 20261122_16_reports
-- Evacuation centres: where, how many, how full, and whether open.

CREATE TABLE shelter (
    id            integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code          code NOT NULL UNIQUE,
    official_code text NOT NULL,
    name          text NOT NULL,
    position      geometry(Point, 4326) NOT NULL,
    capacity      integer NOT NULL CHECK (capacity > 0),
    status        text NOT NULL CHECK (status IN ('open', 'standby', 'closed')),
    phone         text,
    step_free     boolean,                -- NULL: nobody said
    remarks       text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1, -- grows with every change of it; a count of people is none
    changed_at    timestamptz NOT NULL,       -- itself, or how many are in it
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX shelter_changed ON shelter (changed_at);
CREATE INDEX shelter_position ON shelter USING gist (position);
CREATE INDEX shelter_position_m ON shelter USING gist ((position::geography));

CREATE TABLE shelter_occupancy (
    shelter_id integer NOT NULL REFERENCES shelter ON DELETE CASCADE,
    at         timestamptz NOT NULL,
    occupancy  integer NOT NULL CHECK (occupancy >= 0),
    author     text NOT NULL,
    PRIMARY KEY (shelter_id, at)
);

-- A count of people is in the audit by itself: that it moves `changed_at` is no second act.
CREATE TRIGGER audited
    AFTER INSERT OR UPDATE OF code, official_code, name, position, capacity, status, phone, step_free, remarks OR DELETE
    ON shelter FOR EACH ROW EXECUTE FUNCTION audit_change('code');
-- Counts go with their shelter only, whose removal is told; what they were, the audit has from when they were made.
CREATE TRIGGER audited AFTER INSERT OR UPDATE ON shelter_occupancy
    FOR EACH ROW EXECUTE FUNCTION audit_change('shelter_id,at');
