-- depends: 20261122_12_notices
-- Who did what to what, from where, before and after. Written by triggers in the transaction that did it, so that no
-- door can forget it; a schema of its own, so that a role which owns nothing else can own it (docs/why/audit.md).

CREATE SCHEMA audit;
CREATE TABLE audit.entry (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_kind text NOT NULL,
    actor      text NOT NULL,
    account_id integer,          -- no reference: it outlives the account
    address    text,             -- where the request came from; never a citizen's
    request_id text,
    act        text NOT NULL,    -- added, changed, removed, or an event's own word
    thing      text NOT NULL,
    target     text NOT NULL,
    before     jsonb,
    after      jsonb
);
CREATE INDEX entry_at ON audit.entry (at);
CREATE INDEX entry_target ON audit.entry (thing, target);
CREATE INDEX entry_actor ON audit.entry (actor);

CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

-- Who acts is said by the transaction (or the connection) as JSON in the setting `hydroalert.actor`.
CREATE FUNCTION public.add_audit(act text, thing text, target text, before jsonb, after jsonb)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO audit.entry (actor_kind, actor, account_id, address, request_id, act, thing, target, before, after)
    SELECT coalesce(who ->> 'kind', 'platform'), coalesce(who ->> 'name', current_setting('application_name')),
           (who ->> 'account_id')::integer, who ->> 'address', who ->> 'request_id', act, thing, target, before, after
    FROM (SELECT nullif(current_setting('hydroalert.actor', true), '')::jsonb AS who) AS said;
$$;

-- People know things by their codes: what a column `…_id` holds, as they would say it; the number where that is gone.
CREATE FUNCTION public.audit_name(part text, value text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(CASE part
        WHEN 'station_id' THEN (SELECT code::text FROM station WHERE id = value::integer)
        WHEN 'device_id' THEN (SELECT code::text FROM device WHERE id = value::integer)
        WHEN 'area_id' THEN (SELECT code::text FROM area WHERE id = value::integer)
        WHEN 'shelter_id' THEN (SELECT code::text FROM shelter WHERE id = value::integer)
        WHEN 'datastream_id' THEN (
            SELECT station.code || '/' || datastream.code
            FROM datastream JOIN station ON station.id = station_id WHERE datastream.id = value::integer)
        WHEN 'rule_id' THEN (
            SELECT area.code || '/' || rule.code
            FROM rule JOIN area ON area.id = area_id WHERE rule.id = value::integer)
    END, value);
END $$;

-- Arguments: the columns that name the row, and those whose values are nobody's business, each separated by commas.
CREATE FUNCTION public.audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was    jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    hidden text[] := CASE WHEN TG_NARGS > 1 THEN string_to_array(TG_ARGV[1], ',') ELSE '{}' END;
    target text;
    one    text;
BEGIN
    IF was = is_now THEN
        RETURN NULL;
    END IF;
    SELECT string_agg(audit_name(part, coalesce(is_now, was) ->> part), '/' ORDER BY place) INTO target
    FROM unnest(string_to_array(TG_ARGV[0], ',')) WITH ORDINALITY AS named (part, place);
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, is_now -> key) INTO was, is_now
        FROM jsonb_each(was) WHERE value IS DISTINCT FROM is_now -> key;
    END IF;
    FOREACH one IN ARRAY hidden LOOP
        was := CASE WHEN was -> one <> 'null' THEN jsonb_set(was, ARRAY[one], '"(hidden)"') ELSE was END;
        is_now := CASE WHEN is_now -> one <> 'null' THEN jsonb_set(is_now, ARRAY[one], '"(hidden)"') ELSE is_now END;
    END LOOP;
    PERFORM add_audit(
        CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END,
        replace(TG_TABLE_NAME, '_', ' '), target, was, is_now
    );
    RETURN NULL;
END $$;

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON station
    FOR EACH ROW EXECUTE FUNCTION audit_change('code');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON datastream
    FOR EACH ROW EXECUTE FUNCTION audit_change('station_id,code');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON device
    FOR EACH ROW EXECUTE FUNCTION audit_change('code', 'password');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON device_key
    FOR EACH ROW EXECUTE FUNCTION audit_change('device_id,key_id', 'sealed');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON area
    FOR EACH ROW EXECUTE FUNCTION audit_change('code', 'polygon');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON area_station
    FOR EACH ROW EXECUTE FUNCTION audit_change('area_id,station_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON rule
    FOR EACH ROW EXECUTE FUNCTION audit_change('area_id,code');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON rule_version
    FOR EACH ROW EXECUTE FUNCTION audit_change('rule_id,version');
-- When the platform looks next, and what it told of, is its own doing.
CREATE TRIGGER audited
    AFTER INSERT OR UPDATE OF name, kind, sealed, shown, area_id, least_severity, audience, language, drills,
        repeats_per_hour, enabled, disabled_because OR DELETE
    ON subscription FOR EACH ROW EXECUTE FUNCTION audit_change('name', 'sealed');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON override
    FOR EACH ROW EXECUTE FUNCTION audit_change('area_id,hazard');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON remark
    FOR EACH ROW EXECUTE FUNCTION audit_change('alert_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON assignment
    FOR EACH ROW EXECUTE FUNCTION audit_change('datastream_id,device_id');
CREATE TRIGGER audited AFTER INSERT ON flagging
    FOR EACH ROW EXECUTE FUNCTION audit_change('datastream_id,phenomenon_time');
-- What stood in the series until an operator preferred another value; the platform's own conflicts never did.
CREATE TRIGGER audited AFTER INSERT ON conflict
    FOR EACH ROW WHEN (NEW.superseded_at IS NOT NULL)
    EXECUTE FUNCTION audit_change('datastream_id,phenomenon_time', 'frame');
