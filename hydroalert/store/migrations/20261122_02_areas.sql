-- depends: 20261122_01_quality
-- Alert areas, the stations that inform each, and the versions of their rules.

CREATE TABLE area (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code code NOT NULL UNIQUE,
    official_code text NOT NULL,
    names jsonb NOT NULL,
    parent_id integer REFERENCES area,
    polygon geometry(MultiPolygon, 4326) NOT NULL,
    silence_factor real NOT NULL DEFAULT 3 CHECK (silence_factor > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (parent_id <> id)
);
CREATE INDEX area_polygon ON area USING gist (polygon);
CREATE INDEX area_parent ON area (parent_id);

CREATE TABLE area_station (
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    station_id integer NOT NULL REFERENCES station,
    chosen text NOT NULL CHECK (chosen IN ('hand', 'suggested')),
    PRIMARY KEY (area_id, station_id)
);
CREATE INDEX area_station_station ON area_station (station_id);

CREATE TABLE rule (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    code code NOT NULL,
    version integer NOT NULL DEFAULT 0,
    retired_at timestamptz,
    UNIQUE (area_id, code)
);
CREATE TABLE rule_version (
    rule_id integer NOT NULL REFERENCES rule ON DELETE CASCADE,
    version integer NOT NULL,
    body jsonb NOT NULL,
    author text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rule_id, version)
);
-- The datastreams that the newest version of each rule in force reads.
CREATE TABLE rule_datastream (
    rule_id integer NOT NULL REFERENCES rule ON DELETE CASCADE,
    datastream_id integer NOT NULL REFERENCES datastream,
    PRIMARY KEY (rule_id, datastream_id)
);
CREATE INDEX rule_datastream_datastream ON rule_datastream (datastream_id);

-- What is judged: which datastreams each area hears, by its rules and by its informing stations. Kept by triggers.
CREATE TABLE area_datastream (
    datastream_id integer NOT NULL REFERENCES datastream,
    area_id integer NOT NULL REFERENCES area ON DELETE CASCADE,
    PRIMARY KEY (datastream_id, area_id)
);
CREATE INDEX area_datastream_area ON area_datastream (area_id);

CREATE FUNCTION relink_area(relinked integer) RETURNS void LANGUAGE sql AS $$
    DELETE FROM area_datastream WHERE area_id = relinked;
    INSERT INTO area_datastream (datastream_id, area_id)
    SELECT datastream_id, relinked FROM rule_datastream JOIN rule ON rule.id = rule_id WHERE rule.area_id = relinked
    UNION
    SELECT datastream.id, relinked FROM area_station JOIN datastream USING (station_id) WHERE area_id = relinked
    ON CONFLICT DO NOTHING;
$$;
CREATE FUNCTION area_station_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN PERFORM relink_area(OLD.area_id); ELSE PERFORM relink_area(NEW.area_id); END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION rule_datastream_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD.rule_id; ELSE changed := NEW.rule_id; END IF;
    PERFORM relink_area(area_id) FROM rule WHERE id = changed;
    RETURN NULL;
END $$;
CREATE FUNCTION datastream_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO area_datastream (datastream_id, area_id)
    SELECT NEW.id, area_id FROM area_station WHERE station_id = NEW.station_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER area_station_changed AFTER INSERT OR DELETE ON area_station
    FOR EACH ROW EXECUTE FUNCTION area_station_changed();
CREATE TRIGGER rule_datastream_changed AFTER INSERT OR DELETE ON rule_datastream
    FOR EACH ROW EXECUTE FUNCTION rule_datastream_changed();
CREATE TRIGGER datastream_added AFTER INSERT ON datastream
    FOR EACH ROW EXECUTE FUNCTION datastream_added();
