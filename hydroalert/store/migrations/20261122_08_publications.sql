-- depends: 20261122_07_area_near
-- Exercises have retained topics too, once an area had one; and the topics of an area that is removed are emptied.

CREATE INDEX publication_renew_at ON publication (renew_at);

-- Never due by time before it is due by the first revision of an exercise: that one stands in the outbox.
CREATE OR REPLACE FUNCTION area_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO area_state (area_id, drill, judge_at) VALUES (NEW.id, false, '-infinity'), (NEW.id, true, 'infinity');
    INSERT INTO publication (area_id, drill, renew_at) VALUES (NEW.id, false, '-infinity'), (NEW.id, true, 'infinity');
    RETURN NULL;
END $$;
INSERT INTO publication (area_id, drill, renew_at) SELECT id, true, 'infinity' FROM area ON CONFLICT DO NOTHING;

-- The retained topics that a removed area leaves behind; emptied at once, and again at each connection for a day: a
-- broker that was killed comes back with what it had saved.
CREATE TABLE withdrawal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area code NOT NULL,
    drill boolean NOT NULL,
    hazards text[] NOT NULL,
    done boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX withdrawal_waiting ON withdrawal (id) WHERE NOT done;
CREATE FUNCTION area_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO withdrawal (area, drill, hazards)
    SELECT OLD.code, drill, array(SELECT DISTINCT hazard::text FROM alert
                                  WHERE alert.area_id = OLD.id AND alert.drill = area_state.drill)
    FROM area_state WHERE area_id = OLD.id AND snapshot <> '{}';
    RETURN OLD;
END $$;
CREATE TRIGGER area_removed BEFORE DELETE ON area FOR EACH ROW EXECUTE FUNCTION area_removed();
