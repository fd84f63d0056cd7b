-- What the migrations build, to be read; written by `python -m tests.store.schema`, proved fresh by a test.

CREATE SCHEMA audit;

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;

CREATE DOMAIN public.code AS text
	CONSTRAINT code_check CHECK ((VALUE ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text));

CREATE FUNCTION audit.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION public.add_audit(act text, thing text, target text, before jsonb, after jsonb) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO audit.entry (actor_kind, actor, account_id, address, request_id, act, thing, target, before, after)
    SELECT coalesce(who ->> 'kind', 'platform'), coalesce(who ->> 'name', current_setting('application_name')),
           (who ->> 'account_id')::integer, who ->> 'address', who ->> 'request_id', act, thing, target, before, after
    FROM (SELECT nullif(current_setting('hydroalert.actor', true), '')::jsonb AS who) AS said;
$$;

CREATE FUNCTION public.area_added() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO area_state (area_id, drill, judge_at) VALUES (NEW.id, false, '-infinity'), (NEW.id, true, 'infinity');
    INSERT INTO publication (area_id, drill, renew_at) VALUES (NEW.id, false, '-infinity'), (NEW.id, true, 'infinity');
    RETURN NULL;
END $$;

CREATE FUNCTION public.area_removed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO withdrawal (area, drill, hazards)
    SELECT OLD.code, drill, array(SELECT DISTINCT hazard::text FROM alert
                                  WHERE alert.area_id = OLD.id AND alert.drill = area_state.drill)
    FROM area_state WHERE area_id = OLD.id AND snapshot <> '{}';
    RETURN OLD;
END $$;

CREATE FUNCTION public.area_station_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN PERFORM relink_area(OLD.area_id); ELSE PERFORM relink_area(NEW.area_id); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.audit_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.audit_name(part text, value text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
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

CREATE FUNCTION public.datastream_added() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO area_datastream (datastream_id, area_id)
    SELECT NEW.id, area_id FROM area_station WHERE station_id = NEW.station_id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION public.notify_broker() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NOTIFY broker_change;
    RETURN NULL;
END $$;

CREATE FUNCTION public.notify_datastream() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('registry', device.code)
    FROM assignment JOIN device ON device.id = assignment.device_id
    WHERE assignment.datastream_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION public.notify_device() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('registry', NEW.code);
    RETURN NULL;
END $$;

CREATE FUNCTION public.notify_registry() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    changed integer;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD.device_id; ELSE changed := NEW.device_id; END IF;
    PERFORM pg_notify('registry', (SELECT code FROM device WHERE id = changed));
    RETURN NULL;
END $$;

CREATE FUNCTION public.relink_area(relinked integer) RETURNS void
    LANGUAGE sql
    AS $$
    DELETE FROM area_datastream WHERE area_id = relinked;
    INSERT INTO area_datastream (datastream_id, area_id)
    SELECT datastream_id, relinked FROM rule_datastream JOIN rule ON rule.id = rule_id WHERE rule.area_id = relinked
    UNION
    SELECT datastream.id, relinked FROM area_station JOIN datastream USING (station_id) WHERE area_id = relinked
    ON CONFLICT DO NOTHING;
$$;

CREATE FUNCTION public.rule_datastream_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    changed integer;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD.rule_id; ELSE changed := NEW.rule_id; END IF;
    PERFORM relink_area(area_id) FROM rule WHERE id = changed;
    RETURN NULL;
END $$;

CREATE FUNCTION public.tell_live() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('live', TG_ARGV[0]);
    RETURN NULL;
END $$;

CREATE TABLE audit.entry (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor_kind text NOT NULL,
    actor text NOT NULL,
    account_id integer,
    address text,
    request_id text,
    act text NOT NULL,
    thing text NOT NULL,
    target text NOT NULL,
    before jsonb,
    after jsonb
);

ALTER TABLE audit.entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account (
    id integer NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password text NOT NULL,
    must_change boolean DEFAULT false NOT NULL,
    totp bytea,
    totp_since timestamp with time zone,
    totp_step bigint,
    recovery_codes bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT account_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'::text)),
    CONSTRAINT account_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text])))
);

ALTER TABLE public.account ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alert (
    id uuid NOT NULL,
    area_id integer NOT NULL,
    hazard public.code NOT NULL,
    drill boolean NOT NULL,
    active boolean NOT NULL,
    severity text NOT NULL,
    public_severity text,
    body jsonb NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    cleared_at timestamp with time zone,
    CONSTRAINT alert_check CHECK ((active = (cleared_at IS NULL)))
);

CREATE TABLE public.alerter (
    id uuid NOT NULL,
    until timestamp with time zone NOT NULL
);

CREATE TABLE public.api_key (
    code text NOT NULL,
    account_id integer NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);

CREATE TABLE public.area (
    id integer NOT NULL,
    code public.code NOT NULL,
    official_code text NOT NULL,
    names jsonb NOT NULL,
    parent_id integer,
    polygon public.geometry(MultiPolygon,4326) NOT NULL,
    silence_factor real DEFAULT 3 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT area_check CHECK ((parent_id <> id)),
    CONSTRAINT area_silence_factor_check CHECK ((silence_factor > (0)::double precision))
);

CREATE TABLE public.area_datastream (
    datastream_id integer NOT NULL,
    area_id integer NOT NULL
);

CREATE TABLE public.area_due (
    id bigint NOT NULL,
    area_id integer NOT NULL,
    drill boolean DEFAULT false NOT NULL
);

ALTER TABLE public.area_due ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.area_due_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.area ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.area_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.area_state (
    area_id integer NOT NULL,
    drill boolean NOT NULL,
    revision bigint DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    memory jsonb DEFAULT '{}'::jsonb NOT NULL,
    findings jsonb DEFAULT '[]'::jsonb NOT NULL,
    snapshot jsonb DEFAULT '{}'::jsonb NOT NULL,
    judge_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    judged_at timestamp with time zone,
    failure text
);

CREATE TABLE public.area_station (
    area_id integer NOT NULL,
    station_id integer NOT NULL,
    chosen text NOT NULL,
    CONSTRAINT area_station_chosen_check CHECK ((chosen = ANY (ARRAY['hand'::text, 'suggested'::text])))
);

CREATE TABLE public.assignment (
    datastream_id integer NOT NULL,
    device_id integer NOT NULL,
    during tstzrange NOT NULL
);

CREATE TABLE public.beat (
    name text NOT NULL,
    at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE public.broker_change (
    id bigint NOT NULL,
    device_id integer NOT NULL
);

ALTER TABLE public.broker_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.broker_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.canary (
    singleton boolean DEFAULT true NOT NULL,
    device_id integer,
    datastream_id integer,
    boot bigint DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    echoed_at timestamp with time zone,
    delay_s double precision,
    CONSTRAINT canary_singleton_check CHECK (singleton)
);

CREATE TABLE public.cap_message (
    identifier text NOT NULL,
    area_id integer NOT NULL,
    drill boolean NOT NULL,
    revision bigint NOT NULL,
    alert_id uuid NOT NULL,
    message_type text NOT NULL,
    sent timestamp with time zone NOT NULL,
    expires timestamp with time zone NOT NULL,
    xml text NOT NULL,
    CONSTRAINT cap_message_message_type_check CHECK ((message_type = ANY (ARRAY['Alert'::text, 'Update'::text, 'Cancel'::text])))
);

CREATE TABLE public.conflict (
    id bigint NOT NULL,
    datastream_id integer NOT NULL,
    phenomenon_time timestamp with time zone NOT NULL,
    result double precision NOT NULL,
    quality smallint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    device_id integer,
    frame bytea,
    superseded_at timestamp with time zone,
    test smallint DEFAULT 0 NOT NULL
);

ALTER TABLE public.conflict ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.conflict_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.datastream (
    id integer NOT NULL,
    station_id integer NOT NULL,
    code text NOT NULL,
    unit text NOT NULL,
    interval_s integer NOT NULL,
    live_for_s integer NOT NULL,
    quality_settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    maintenance_until timestamp with time zone,
    CONSTRAINT datastream_code_check CHECK ((code ~ '^[a-z][a-z0-9_]{0,31}$'::text)),
    CONSTRAINT datastream_interval_s_check CHECK ((interval_s > 0)),
    CONSTRAINT datastream_live_for_s_check CHECK ((live_for_s > 0)),
    CONSTRAINT datastream_unit_check CHECK ((unit <> ''::text))
);

ALTER TABLE public.datastream ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.datastream_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.delivery (
    id bigint NOT NULL,
    subscription_id integer NOT NULL,
    area_id integer NOT NULL,
    drill boolean NOT NULL,
    revision bigint NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    failure text,
    done_at timestamp with time zone,
    claimed_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'superseded'::text, 'dead'::text])))
);

ALTER TABLE public.delivery ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.device (
    id integer NOT NULL,
    code public.code NOT NULL,
    station_id integer NOT NULL,
    revoked_at timestamp with time zone,
    rows_per_hour integer,
    password bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT device_rows_per_hour_check CHECK ((rows_per_hour > 0))
);

CREATE TABLE public.device_hour (
    hour timestamp with time zone NOT NULL,
    device_id integer NOT NULL,
    rows bigint NOT NULL
);

ALTER TABLE public.device ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.device_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.device_key (
    device_id integer NOT NULL,
    key_id smallint NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT device_key_key_id_check CHECK (((key_id >= 0) AND (key_id <= 255)))
);

CREATE TABLE public.device_status (
    device_id integer NOT NULL,
    online boolean NOT NULL,
    session bigint NOT NULL,
    ended_session bigint,
    at timestamp with time zone,
    firmware text,
    uptime_s double precision,
    received_at timestamp with time zone NOT NULL
);

CREATE TABLE public.device_tally (
    device_id integer NOT NULL,
    frames bigint NOT NULL,
    stored bigint NOT NULL,
    duplicates bigint NOT NULL,
    conflicts bigint NOT NULL,
    last_received_at timestamp with time zone NOT NULL
);

CREATE TABLE public.due (
    id bigint NOT NULL,
    datastream_id integer NOT NULL,
    since timestamp with time zone NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.due ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.due_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.evidence (
    id uuid NOT NULL,
    report_id uuid NOT NULL,
    number smallint NOT NULL,
    sha256 bytea NOT NULL,
    likeness bigint NOT NULL,
    sent_type text NOT NULL,
    sent_bytes bigint NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    kept_bytes bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    hint_position public.geometry(Point,4326),
    hint_at timestamp with time zone,
    hint_off_m double precision,
    like_evidence uuid,
    like_bits smallint,
    CONSTRAINT evidence_number_check CHECK (((number >= 1) AND (number <= 5)))
);

CREATE TABLE public.evidence_file (
    key text NOT NULL,
    evidence_id uuid,
    kind text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    CONSTRAINT evidence_file_kind_check CHECK ((kind = ANY (ARRAY['picture'::text, 'thumbnail'::text])))
);

CREATE TABLE public.flagging (
    id bigint NOT NULL,
    datastream_id integer NOT NULL,
    phenomenon_time timestamp with time zone NOT NULL,
    quality smallint NOT NULL,
    author text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE public.flagging ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.flagging_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lane (
    id integer NOT NULL,
    client_id text DEFAULT replace((gen_random_uuid())::text, '-'::text, ''::text) NOT NULL,
    holder uuid,
    until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

ALTER TABLE public.lane ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.lane_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.latest (
    datastream_id integer NOT NULL,
    phenomenon_time timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    result double precision NOT NULL,
    quality smallint NOT NULL,
    test smallint DEFAULT 0 NOT NULL
);

CREATE TABLE public.login_failure (
    name_digest bytea NOT NULL,
    party text NOT NULL,
    failures integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    blocked_until timestamp with time zone NOT NULL
);

CREATE TABLE public.login_place (
    account_id integer NOT NULL,
    party text NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE public.login_session (
    id uuid NOT NULL,
    account_id integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    address text NOT NULL,
    agent text NOT NULL
);

CREATE TABLE public.observation (
    phenomenon_time timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    result double precision NOT NULL,
    datastream_id integer NOT NULL,
    quality smallint NOT NULL,
    test smallint DEFAULT 0 NOT NULL
)
PARTITION BY RANGE (phenomenon_time);

CREATE TABLE public.outbox (
    area_id integer NOT NULL,
    drill boolean NOT NULL,
    revision bigint NOT NULL
);

CREATE TABLE public.override (
    id uuid NOT NULL,
    area_id integer NOT NULL,
    hazard public.code NOT NULL,
    drill boolean NOT NULL,
    kind text NOT NULL,
    severity text,
    reason text NOT NULL,
    author text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT override_kind_check CHECK ((kind = ANY (ARRAY['raise'::text, 'hold'::text, 'clear'::text])))
);

CREATE TABLE public.platform (
    singleton boolean DEFAULT true NOT NULL,
    share_group text DEFAULT replace((gen_random_uuid())::text, '-'::text, ''::text) NOT NULL,
    newest_arrival timestamp with time zone,
    seal bytea,
    CONSTRAINT platform_singleton_check CHECK (singleton)
);

CREATE TABLE public.publication (
    area_id integer NOT NULL,
    drill boolean NOT NULL,
    revision bigint DEFAULT '-1'::integer NOT NULL,
    renew_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE UNLOGGED TABLE public.rate (
    bucket text NOT NULL,
    allowed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.refresh_token (
    digest bytea NOT NULL,
    session_id uuid NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.refusal_tally (
    device_id integer NOT NULL,
    reason text NOT NULL,
    frames bigint NOT NULL,
    records bigint NOT NULL
);

CREATE TABLE public.refused_frame (
    id bigint NOT NULL,
    device_id integer NOT NULL,
    channel text NOT NULL,
    reason text NOT NULL,
    authentic boolean NOT NULL,
    tag bytea NOT NULL,
    frame bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    CONSTRAINT refused_frame_channel_check CHECK ((channel = ANY (ARRAY['frames'::text, 'status'::text])))
);

ALTER TABLE public.refused_frame ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.refused_frame_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.remark (
    id bigint NOT NULL,
    alert_id uuid NOT NULL,
    kind text NOT NULL,
    author text NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT remark_kind_check CHECK ((kind = ANY (ARRAY['acknowledge'::text, 'release'::text, 'confirm'::text, 'comment'::text])))
);

ALTER TABLE public.remark ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.remark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.report (
    id uuid NOT NULL,
    tracking bytea NOT NULL,
    once bytea,
    once_body bytea,
    "position" public.geometry(Point,4326) NOT NULL,
    accuracy_m real,
    seen_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone NOT NULL,
    category text NOT NULL,
    depth_cm integer,
    depth_word text,
    text text DEFAULT ''::text NOT NULL,
    language text NOT NULL,
    severity text NOT NULL,
    state text DEFAULT 'submitted'::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    assigned_to integer,
    duplicate_of uuid,
    withdrawn_at timestamp with time zone,
    contact bytea,
    contact_until timestamp with time zone,
    reporter bytea,
    erased_at timestamp with time zone,
    reviewed_at timestamp with time zone,
    decided_at timestamp with time zone,
    resolved_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    public_id uuid DEFAULT gen_random_uuid() NOT NULL,
    cell public.geometry(Point,4326) NOT NULL,
    seen_quarter timestamp with time zone NOT NULL,
    CONSTRAINT report_accuracy_m_check CHECK ((accuracy_m >= (0)::double precision)),
    CONSTRAINT report_check CHECK (((state = 'duplicate'::text) <= (duplicate_of IS NOT NULL))),
    CONSTRAINT report_check1 CHECK ((duplicate_of <> id)),
    CONSTRAINT report_depth_cm_check CHECK (((depth_cm >= 0) AND (depth_cm <= 1000))),
    CONSTRAINT report_depth_word_check CHECK ((depth_word = ANY (ARRAY['ankle'::text, 'knee'::text, 'waist'::text, 'chest'::text]))),
    CONSTRAINT report_state_check CHECK ((state = ANY (ARRAY['submitted'::text, 'under_review'::text, 'verified'::text, 'rejected'::text, 'duplicate'::text, 'resolved'::text])))
);

CREATE TABLE public.report_event (
    report_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    author text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    shown boolean NOT NULL
);

CREATE TABLE public.revision (
    area_id integer NOT NULL,
    drill boolean NOT NULL,
    revision bigint NOT NULL,
    alert_id uuid NOT NULL,
    transition text NOT NULL,
    hazard public.code NOT NULL,
    severity text NOT NULL,
    public boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    author text,
    reason text,
    why jsonb NOT NULL,
    snapshot jsonb NOT NULL
);

CREATE TABLE public.rule (
    id integer NOT NULL,
    area_id integer NOT NULL,
    code public.code NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    retired_at timestamp with time zone
);

CREATE TABLE public.rule_datastream (
    rule_id integer NOT NULL,
    datastream_id integer NOT NULL
);

ALTER TABLE public.rule ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.rule_version (
    rule_id integer NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    author text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.settlement (
    id bigint NOT NULL,
    settled_at timestamp with time zone NOT NULL,
    datastream_ids integer[] NOT NULL,
    times timestamp with time zone[] NOT NULL,
    results double precision[] NOT NULL,
    qualities smallint[] NOT NULL,
    device_ids integer[] NOT NULL,
    frames integer[] NOT NULL,
    stored integer[] NOT NULL,
    duplicates integer[] NOT NULL,
    conflicts integer[] NOT NULL,
    refused_ids integer[] NOT NULL,
    refused_reasons text[] NOT NULL,
    refused_frames integer[] NOT NULL,
    refused_records integer[] NOT NULL,
    tests smallint[] DEFAULT '{}'::smallint[] NOT NULL
);

ALTER TABLE public.settlement ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.settlement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.shelter (
    id integer NOT NULL,
    code public.code NOT NULL,
    official_code text NOT NULL,
    name text NOT NULL,
    "position" public.geometry(Point,4326) NOT NULL,
    capacity integer NOT NULL,
    status text NOT NULL,
    phone text,
    step_free boolean,
    remarks text DEFAULT ''::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT shelter_capacity_check CHECK ((capacity > 0)),
    CONSTRAINT shelter_status_check CHECK ((status = ANY (ARRAY['open'::text, 'standby'::text, 'closed'::text])))
);

ALTER TABLE public.shelter ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.shelter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.shelter_occupancy (
    shelter_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    occupancy integer NOT NULL,
    author text NOT NULL,
    CONSTRAINT shelter_occupancy_occupancy_check CHECK ((occupancy >= 0))
);

CREATE TABLE public.signing_key (
    id integer NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    retired_at timestamp with time zone
);

ALTER TABLE public.signing_key ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.signing_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.station (
    id integer NOT NULL,
    code public.code NOT NULL,
    official_code text NOT NULL,
    name text NOT NULL,
    river text,
    "position" public.geometry(Point,4326) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    maintenance_until timestamp with time zone,
    internal boolean DEFAULT false NOT NULL
);

ALTER TABLE public.station ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.station_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.subscription (
    id integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    sealed bytea NOT NULL,
    shown text NOT NULL,
    area_id integer,
    least_severity text NOT NULL,
    audience text NOT NULL,
    language text NOT NULL,
    drills boolean DEFAULT false NOT NULL,
    repeats_per_hour integer,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_because text,
    told_amiss text DEFAULT ''::text NOT NULL,
    told_amiss_at timestamp with time zone DEFAULT now() NOT NULL,
    notice_due_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT subscription_audience_check CHECK ((audience = ANY (ARRAY['public'::text, 'operators'::text]))),
    CONSTRAINT subscription_kind_check CHECK ((kind = ANY (ARRAY['apprise'::text, 'webhook'::text]))),
    CONSTRAINT subscription_repeats_per_hour_check CHECK ((repeats_per_hour > 0))
);

ALTER TABLE public.subscription ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.subscription_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.withdrawal (
    id bigint NOT NULL,
    area public.code NOT NULL,
    drill boolean NOT NULL,
    hazards text[] NOT NULL,
    done boolean DEFAULT false NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.withdrawal ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.withdrawal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.worker (
    id uuid NOT NULL,
    until timestamp with time zone NOT NULL,
    lane_lag integer DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY audit.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_name_key UNIQUE (name);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerter
    ADD CONSTRAINT alerter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_code_key UNIQUE (code);

ALTER TABLE ONLY public.area_datastream
    ADD CONSTRAINT area_datastream_pkey PRIMARY KEY (datastream_id, area_id);

ALTER TABLE ONLY public.area_due
    ADD CONSTRAINT area_due_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.area_state
    ADD CONSTRAINT area_state_pkey PRIMARY KEY (area_id, drill);

ALTER TABLE ONLY public.area_station
    ADD CONSTRAINT area_station_pkey PRIMARY KEY (area_id, station_id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_datastream_id_during_excl EXCLUDE USING gist (datastream_id WITH =, during WITH &&);

ALTER TABLE ONLY public.beat
    ADD CONSTRAINT beat_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.broker_change
    ADD CONSTRAINT broker_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.canary
    ADD CONSTRAINT canary_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.cap_message
    ADD CONSTRAINT cap_message_area_id_drill_revision_key UNIQUE (area_id, drill, revision);

ALTER TABLE ONLY public.cap_message
    ADD CONSTRAINT cap_message_pkey PRIMARY KEY (identifier);

ALTER TABLE ONLY public.conflict
    ADD CONSTRAINT conflict_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.datastream
    ADD CONSTRAINT datastream_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.datastream
    ADD CONSTRAINT datastream_station_id_code_key UNIQUE (station_id, code);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_subscription_id_area_id_drill_revision_key UNIQUE (subscription_id, area_id, drill, revision);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_code_key UNIQUE (code);

ALTER TABLE ONLY public.device_hour
    ADD CONSTRAINT device_hour_pkey PRIMARY KEY (hour, device_id);

ALTER TABLE ONLY public.device_key
    ADD CONSTRAINT device_key_pkey PRIMARY KEY (device_id, key_id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.device_status
    ADD CONSTRAINT device_status_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY public.device_tally
    ADD CONSTRAINT device_tally_pkey PRIMARY KEY (device_id);

ALTER TABLE ONLY public.due
    ADD CONSTRAINT due_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.evidence_file
    ADD CONSTRAINT evidence_file_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_report_id_number_key UNIQUE (report_id, number);

ALTER TABLE ONLY public.flagging
    ADD CONSTRAINT flagging_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lane
    ADD CONSTRAINT lane_client_id_key UNIQUE (client_id);

ALTER TABLE ONLY public.lane
    ADD CONSTRAINT lane_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.latest
    ADD CONSTRAINT latest_pkey PRIMARY KEY (datastream_id);

ALTER TABLE ONLY public.login_failure
    ADD CONSTRAINT login_failure_pkey PRIMARY KEY (name_digest, party);

ALTER TABLE ONLY public.login_place
    ADD CONSTRAINT login_place_pkey PRIMARY KEY (account_id, party);

ALTER TABLE ONLY public.login_session
    ADD CONSTRAINT login_session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.observation
    ADD CONSTRAINT observation_pkey PRIMARY KEY (datastream_id, phenomenon_time);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (area_id, drill, revision);

ALTER TABLE ONLY public.override
    ADD CONSTRAINT override_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.platform
    ADD CONSTRAINT platform_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.publication
    ADD CONSTRAINT publication_pkey PRIMARY KEY (area_id, drill);

ALTER TABLE ONLY public.rate
    ADD CONSTRAINT rate_pkey PRIMARY KEY (bucket);

ALTER TABLE ONLY public.refresh_token
    ADD CONSTRAINT refresh_token_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.refusal_tally
    ADD CONSTRAINT refusal_tally_pkey PRIMARY KEY (device_id, reason);

ALTER TABLE ONLY public.refused_frame
    ADD CONSTRAINT refused_frame_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.remark
    ADD CONSTRAINT remark_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.report_event
    ADD CONSTRAINT report_event_pkey PRIMARY KEY (report_id, number);

ALTER TABLE ONLY public.report
    ADD CONSTRAINT report_once_key UNIQUE (once);

ALTER TABLE ONLY public.report
    ADD CONSTRAINT report_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.report
    ADD CONSTRAINT report_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.report
    ADD CONSTRAINT report_tracking_key UNIQUE (tracking);

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_pkey PRIMARY KEY (area_id, drill, revision);

ALTER TABLE ONLY public.rule
    ADD CONSTRAINT rule_area_id_code_key UNIQUE (area_id, code);

ALTER TABLE ONLY public.rule_datastream
    ADD CONSTRAINT rule_datastream_pkey PRIMARY KEY (rule_id, datastream_id);

ALTER TABLE ONLY public.rule
    ADD CONSTRAINT rule_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rule_version
    ADD CONSTRAINT rule_version_pkey PRIMARY KEY (rule_id, version);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.shelter
    ADD CONSTRAINT shelter_code_key UNIQUE (code);

ALTER TABLE ONLY public.shelter_occupancy
    ADD CONSTRAINT shelter_occupancy_pkey PRIMARY KEY (shelter_id, at);

ALTER TABLE ONLY public.shelter
    ADD CONSTRAINT shelter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.signing_key
    ADD CONSTRAINT signing_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.station
    ADD CONSTRAINT station_code_key UNIQUE (code);

ALTER TABLE ONLY public.station
    ADD CONSTRAINT station_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.subscription
    ADD CONSTRAINT subscription_name_key UNIQUE (name);

ALTER TABLE ONLY public.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.withdrawal
    ADD CONSTRAINT withdrawal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.worker
    ADD CONSTRAINT worker_pkey PRIMARY KEY (id);

CREATE INDEX entry_actor ON audit.entry USING btree (actor);

CREATE INDEX entry_at ON audit.entry USING btree (at);

CREATE INDEX entry_target ON audit.entry USING btree (thing, target);

CREATE INDEX alert_history ON public.alert USING btree (area_id, raised_at);

CREATE UNIQUE INDEX alert_one ON public.alert USING btree (area_id, hazard, drill) WHERE active;

CREATE INDEX api_key_account ON public.api_key USING btree (account_id);

CREATE INDEX area_datastream_area ON public.area_datastream USING btree (area_id);

CREATE INDEX area_due_area ON public.area_due USING btree (area_id, drill);

CREATE INDEX area_parent ON public.area USING btree (parent_id);

CREATE INDEX area_polygon ON public.area USING gist (polygon);

CREATE INDEX area_polygon_m ON public.area USING gist (((polygon)::public.geography));

CREATE INDEX area_state_judge_at ON public.area_state USING btree (judge_at);

CREATE INDEX area_station_station ON public.area_station USING btree (station_id);

CREATE INDEX assignment_device ON public.assignment USING btree (device_id);

CREATE INDEX cap_message_alert ON public.cap_message USING btree (alert_id, revision);

CREATE INDEX cap_message_sent ON public.cap_message USING btree (sent);

CREATE INDEX conflict_key ON public.conflict USING btree (datastream_id, phenomenon_time);

CREATE UNIQUE INDEX conflict_open ON public.conflict USING btree (datastream_id, phenomenon_time, result) WHERE (superseded_at IS NULL);

CREATE INDEX delivery_done ON public.delivery USING btree (subscription_id, done_at) WHERE (state = 'delivered'::text);

CREATE INDEX delivery_unsettled ON public.delivery USING btree (subscription_id) WHERE (state = ANY (ARRAY['waiting'::text, 'dead'::text]));

CREATE INDEX delivery_waiting ON public.delivery USING btree (due_at) WHERE (state = 'waiting'::text);

CREATE INDEX evidence_file_evidence ON public.evidence_file USING btree (evidence_id);

CREATE INDEX evidence_received_at ON public.evidence USING btree (received_at);

CREATE INDEX evidence_sha256 ON public.evidence USING btree (sha256);

CREATE INDEX flagging_observation ON public.flagging USING btree (datastream_id, phenomenon_time);

CREATE INDEX login_failure_last_at ON public.login_failure USING btree (last_at);

CREATE INDEX login_session_account ON public.login_session USING btree (account_id);

CREATE INDEX login_session_expires_at ON public.login_session USING btree (expires_at);

CREATE INDEX override_area ON public.override USING btree (area_id, drill);

CREATE INDEX publication_renew_at ON public.publication USING btree (renew_at);

CREATE INDEX rate_allowed_at ON public.rate USING btree (allowed_at);

CREATE INDEX refresh_token_session ON public.refresh_token USING btree (session_id);

CREATE INDEX refused_frame_device ON public.refused_frame USING btree (device_id, id);

CREATE UNIQUE INDEX refused_frame_tag ON public.refused_frame USING btree (device_id, tag) WHERE authentic;

CREATE INDEX remark_alert ON public.remark USING btree (alert_id);

CREATE INDEX report_changed ON public.report USING btree (changed_at);

CREATE INDEX report_contact_until ON public.report USING btree (contact_until) WHERE (contact IS NOT NULL);

CREATE INDEX report_duplicate_of ON public.report USING btree (duplicate_of) WHERE (duplicate_of IS NOT NULL);

CREATE INDEX report_open ON public.report USING btree (seen_at) WHERE (state = ANY (ARRAY['submitted'::text, 'under_review'::text]));

CREATE INDEX report_position ON public.report USING gist ("position");

CREATE INDEX report_position_m ON public.report USING gist ((("position")::public.geography));

CREATE INDEX report_public ON public.report USING btree (seen_quarter, public_id) WHERE ((state = 'verified'::text) AND (withdrawn_at IS NULL));

CREATE INDEX report_reporter ON public.report USING btree (reporter) WHERE (reporter IS NOT NULL);

CREATE INDEX report_seen ON public.report USING btree (seen_at);

CREATE INDEX report_submitted ON public.report USING btree (submitted_at);

CREATE INDEX revision_alert ON public.revision USING btree (alert_id, revision);

CREATE INDEX revision_at ON public.revision USING btree (at);

CREATE INDEX rule_datastream_datastream ON public.rule_datastream USING btree (datastream_id);

CREATE INDEX shelter_changed ON public.shelter USING btree (changed_at);

CREATE INDEX shelter_position ON public.shelter USING gist ("position");

CREATE INDEX shelter_position_m ON public.shelter USING gist ((("position")::public.geography));

CREATE UNIQUE INDEX signing_key_signs ON public.signing_key USING btree ((true)) WHERE (retired_at IS NULL);

CREATE INDEX station_position ON public.station USING gist ("position");

CREATE INDEX station_position_m ON public.station USING gist ((("position")::public.geography));

CREATE INDEX withdrawal_waiting ON public.withdrawal USING btree (id) WHERE (NOT done);

CREATE TRIGGER entry_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

CREATE TRIGGER area_added AFTER INSERT ON public.area FOR EACH ROW EXECUTE FUNCTION public.area_added();

CREATE TRIGGER area_removed BEFORE DELETE ON public.area FOR EACH ROW EXECUTE FUNCTION public.area_removed();

CREATE TRIGGER area_station_changed AFTER INSERT OR DELETE ON public.area_station FOR EACH ROW EXECUTE FUNCTION public.area_station_changed();

CREATE TRIGGER assignment_changed AFTER INSERT OR DELETE OR UPDATE ON public.assignment FOR EACH ROW EXECUTE FUNCTION public.notify_registry();

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE OF name, role, password, must_change, totp, totp_since, enabled ON public.account FOR EACH ROW EXECUTE FUNCTION public.audit_change('name', 'password,totp,recovery_codes');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE OF scopes, expires_at, revoked_at ON public.api_key FOR EACH ROW EXECUTE FUNCTION public.audit_change('code', 'digest');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.area FOR EACH ROW EXECUTE FUNCTION public.audit_change('code', 'polygon');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.area_station FOR EACH ROW EXECUTE FUNCTION public.audit_change('area_id,station_id');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.assignment FOR EACH ROW EXECUTE FUNCTION public.audit_change('datastream_id,device_id');

CREATE TRIGGER audited AFTER INSERT ON public.conflict FOR EACH ROW WHEN ((new.superseded_at IS NOT NULL)) EXECUTE FUNCTION public.audit_change('datastream_id,phenomenon_time', 'frame');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.datastream FOR EACH ROW EXECUTE FUNCTION public.audit_change('station_id,code');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.device FOR EACH ROW EXECUTE FUNCTION public.audit_change('code', 'password');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.device_key FOR EACH ROW EXECUTE FUNCTION public.audit_change('device_id,key_id', 'sealed');

CREATE TRIGGER audited AFTER INSERT OR DELETE ON public.evidence FOR EACH ROW EXECUTE FUNCTION public.audit_change('report_id,number', 'hint_position,hint_at,sha256,likeness');

CREATE TRIGGER audited AFTER INSERT ON public.flagging FOR EACH ROW EXECUTE FUNCTION public.audit_change('datastream_id,phenomenon_time');

CREATE TRIGGER audited AFTER UPDATE OF ended_at ON public.login_session FOR EACH ROW EXECUTE FUNCTION public.audit_change('id');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.override FOR EACH ROW EXECUTE FUNCTION public.audit_change('area_id,hazard');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.remark FOR EACH ROW EXECUTE FUNCTION public.audit_change('alert_id');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.report FOR EACH ROW EXECUTE FUNCTION public.audit_change('id', 'tracking,once,once_body,position,cell,public_id,text,contact,reporter');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.rule FOR EACH ROW EXECUTE FUNCTION public.audit_change('area_id,code');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.rule_version FOR EACH ROW EXECUTE FUNCTION public.audit_change('rule_id,version');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE OF code, official_code, name, "position", capacity, status, phone, step_free, remarks ON public.shelter FOR EACH ROW EXECUTE FUNCTION public.audit_change('code');

CREATE TRIGGER audited AFTER INSERT OR UPDATE ON public.shelter_occupancy FOR EACH ROW EXECUTE FUNCTION public.audit_change('shelter_id,at');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.signing_key FOR EACH ROW EXECUTE FUNCTION public.audit_change('id', 'sealed');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE ON public.station FOR EACH ROW EXECUTE FUNCTION public.audit_change('code');

CREATE TRIGGER audited AFTER INSERT OR DELETE OR UPDATE OF name, kind, sealed, shown, area_id, least_severity, audience, language, drills, repeats_per_hour, enabled, disabled_because ON public.subscription FOR EACH ROW EXECUTE FUNCTION public.audit_change('name', 'sealed');

CREATE TRIGGER broker_changed AFTER INSERT ON public.broker_change FOR EACH STATEMENT EXECUTE FUNCTION public.notify_broker();

CREATE TRIGGER datastream_added AFTER INSERT ON public.datastream FOR EACH ROW EXECUTE FUNCTION public.datastream_added();

CREATE TRIGGER datastream_changed AFTER UPDATE ON public.datastream FOR EACH ROW EXECUTE FUNCTION public.notify_datastream();

CREATE TRIGGER device_changed AFTER INSERT OR UPDATE ON public.device FOR EACH ROW EXECUTE FUNCTION public.notify_device();

CREATE TRIGGER device_key_changed AFTER INSERT OR DELETE OR UPDATE ON public.device_key FOR EACH ROW EXECUTE FUNCTION public.notify_registry();

CREATE TRIGGER rule_datastream_changed AFTER INSERT OR DELETE ON public.rule_datastream FOR EACH ROW EXECUTE FUNCTION public.rule_datastream_changed();

CREATE TRIGGER told AFTER DELETE OR UPDATE OF role, enabled, must_change ON public.account FOR EACH STATEMENT EXECUTE FUNCTION public.tell_live('callers');

CREATE TRIGGER told AFTER DELETE OR UPDATE OF scopes, expires_at, revoked_at ON public.api_key FOR EACH STATEMENT EXECUTE FUNCTION public.tell_live('callers');

CREATE TRIGGER told AFTER DELETE OR UPDATE OF ended_at ON public.login_session FOR EACH STATEMENT EXECUTE FUNCTION public.tell_live('callers');

CREATE TRIGGER told AFTER INSERT OR UPDATE ON public.report FOR EACH STATEMENT EXECUTE FUNCTION public.tell_live('board');

CREATE TRIGGER told AFTER INSERT OR DELETE OR UPDATE ON public.shelter FOR EACH STATEMENT EXECUTE FUNCTION public.tell_live('board');

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.area_datastream
    ADD CONSTRAINT area_datastream_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.area_datastream
    ADD CONSTRAINT area_datastream_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.area
    ADD CONSTRAINT area_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.area(id);

ALTER TABLE ONLY public.area_state
    ADD CONSTRAINT area_state_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.area_station
    ADD CONSTRAINT area_station_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.area_station
    ADD CONSTRAINT area_station_station_id_fkey FOREIGN KEY (station_id) REFERENCES public.station(id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.broker_change
    ADD CONSTRAINT broker_change_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.canary
    ADD CONSTRAINT canary_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.canary
    ADD CONSTRAINT canary_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.cap_message
    ADD CONSTRAINT cap_message_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES public.alert(id);

ALTER TABLE ONLY public.cap_message
    ADD CONSTRAINT cap_message_area_id_drill_revision_fkey FOREIGN KEY (area_id, drill, revision) REFERENCES public.revision(area_id, drill, revision) ON DELETE CASCADE;

ALTER TABLE ONLY public.conflict
    ADD CONSTRAINT conflict_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.conflict
    ADD CONSTRAINT conflict_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.datastream
    ADD CONSTRAINT datastream_station_id_fkey FOREIGN KEY (station_id) REFERENCES public.station(id);

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_area_id_drill_revision_fkey FOREIGN KEY (area_id, drill, revision) REFERENCES public.revision(area_id, drill, revision) ON DELETE CASCADE;

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES public.subscription(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.device_hour
    ADD CONSTRAINT device_hour_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device_key
    ADD CONSTRAINT device_key_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_station_id_fkey FOREIGN KEY (station_id) REFERENCES public.station(id);

ALTER TABLE ONLY public.device_status
    ADD CONSTRAINT device_status_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device_tally
    ADD CONSTRAINT device_tally_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.evidence_file
    ADD CONSTRAINT evidence_file_evidence_id_fkey FOREIGN KEY (evidence_id) REFERENCES public.evidence(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_like_evidence_fkey FOREIGN KEY (like_evidence) REFERENCES public.evidence(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_report_id_fkey FOREIGN KEY (report_id) REFERENCES public.report(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.flagging
    ADD CONSTRAINT flagging_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.latest
    ADD CONSTRAINT latest_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.login_place
    ADD CONSTRAINT login_place_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.login_session
    ADD CONSTRAINT login_session_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.override
    ADD CONSTRAINT override_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.publication
    ADD CONSTRAINT publication_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.refresh_token
    ADD CONSTRAINT refresh_token_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.login_session(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.refused_frame
    ADD CONSTRAINT refused_frame_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.remark
    ADD CONSTRAINT remark_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES public.alert(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.report
    ADD CONSTRAINT report_assigned_to_fkey FOREIGN KEY (assigned_to) REFERENCES public.account(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.report
    ADD CONSTRAINT report_duplicate_of_fkey FOREIGN KEY (duplicate_of) REFERENCES public.report(id);

ALTER TABLE ONLY public.report_event
    ADD CONSTRAINT report_event_report_id_fkey FOREIGN KEY (report_id) REFERENCES public.report(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES public.alert(id);

ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rule
    ADD CONSTRAINT rule_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rule_datastream
    ADD CONSTRAINT rule_datastream_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.rule_datastream
    ADD CONSTRAINT rule_datastream_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES public.rule(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rule_version
    ADD CONSTRAINT rule_version_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES public.rule(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.shelter_occupancy
    ADD CONSTRAINT shelter_occupancy_shelter_id_fkey FOREIGN KEY (shelter_id) REFERENCES public.shelter(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.subscription
    ADD CONSTRAINT subscription_area_id_fkey FOREIGN KEY (area_id) REFERENCES public.area(id) ON DELETE CASCADE;
