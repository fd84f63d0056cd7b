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
    version       integer NOT NULL DEFAULT 1,
    changed_at    timestamptz NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX shelter_position ON shelter USING gist (position);
CREATE INDEX shelter_position_m ON shelter USING gist ((position::geography));

CREATE TABLE shelter_occupancy (
    shelter_id integer NOT NULL REFERENCES shelter ON DELETE CASCADE,
    at         timestamptz NOT NULL,
    occupancy  integer NOT NULL CHECK (occupancy >= 0),
    author     text NOT NULL,
    PRIMARY KEY (shelter_id, at)
);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON shelter
    FOR EACH ROW EXECUTE FUNCTION audit_change('code');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON shelter_occupancy
    FOR EACH ROW EXECUTE FUNCTION audit_change('shelter_id,at');
