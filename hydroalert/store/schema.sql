-- What the migrations build, to be read; written by `python -m tests.store.schema`, proved fresh by a test.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;

CREATE DOMAIN public.code AS text
	CONSTRAINT code_check CHECK ((VALUE ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text));

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

CREATE TABLE public.conflict (
    id bigint NOT NULL,
    datastream_id integer NOT NULL,
    phenomenon_time timestamp with time zone NOT NULL,
    result double precision NOT NULL,
    quality smallint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    device_id integer,
    frame bytea,
    superseded_at timestamp with time zone
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
    quality smallint NOT NULL
);

CREATE TABLE public.observation (
    phenomenon_time timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    result double precision NOT NULL,
    datastream_id integer NOT NULL,
    quality smallint NOT NULL
)
PARTITION BY RANGE (phenomenon_time);

CREATE TABLE public.platform (
    singleton boolean DEFAULT true NOT NULL,
    share_group text DEFAULT replace((gen_random_uuid())::text, '-'::text, ''::text) NOT NULL,
    newest_arrival timestamp with time zone,
    seal bytea,
    CONSTRAINT platform_singleton_check CHECK (singleton)
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
    refused_records integer[] NOT NULL
);

ALTER TABLE public.settlement ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.settlement_id_seq
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
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.station ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.station_id_seq
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

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_datastream_id_during_excl EXCLUDE USING gist (datastream_id WITH =, during WITH &&);

ALTER TABLE ONLY public.beat
    ADD CONSTRAINT beat_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.broker_change
    ADD CONSTRAINT broker_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.conflict
    ADD CONSTRAINT conflict_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.datastream
    ADD CONSTRAINT datastream_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.datastream
    ADD CONSTRAINT datastream_station_id_code_key UNIQUE (station_id, code);

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

ALTER TABLE ONLY public.lane
    ADD CONSTRAINT lane_client_id_key UNIQUE (client_id);

ALTER TABLE ONLY public.lane
    ADD CONSTRAINT lane_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.latest
    ADD CONSTRAINT latest_pkey PRIMARY KEY (datastream_id);

ALTER TABLE ONLY public.observation
    ADD CONSTRAINT observation_pkey PRIMARY KEY (datastream_id, phenomenon_time);

ALTER TABLE ONLY public.platform
    ADD CONSTRAINT platform_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.refusal_tally
    ADD CONSTRAINT refusal_tally_pkey PRIMARY KEY (device_id, reason);

ALTER TABLE ONLY public.refused_frame
    ADD CONSTRAINT refused_frame_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.station
    ADD CONSTRAINT station_code_key UNIQUE (code);

ALTER TABLE ONLY public.station
    ADD CONSTRAINT station_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.worker
    ADD CONSTRAINT worker_pkey PRIMARY KEY (id);

CREATE INDEX assignment_device ON public.assignment USING btree (device_id);

CREATE INDEX conflict_key ON public.conflict USING btree (datastream_id, phenomenon_time);

CREATE UNIQUE INDEX conflict_open ON public.conflict USING btree (datastream_id, phenomenon_time, result) WHERE (superseded_at IS NULL);

CREATE INDEX refused_frame_device ON public.refused_frame USING btree (device_id, id);

CREATE UNIQUE INDEX refused_frame_tag ON public.refused_frame USING btree (device_id, tag) WHERE authentic;

CREATE INDEX station_position ON public.station USING gist ("position");

CREATE INDEX station_position_m ON public.station USING gist ((("position")::public.geography));

CREATE TRIGGER assignment_changed AFTER INSERT OR DELETE OR UPDATE ON public.assignment FOR EACH ROW EXECUTE FUNCTION public.notify_registry();

CREATE TRIGGER broker_changed AFTER INSERT ON public.broker_change FOR EACH STATEMENT EXECUTE FUNCTION public.notify_broker();

CREATE TRIGGER datastream_changed AFTER UPDATE ON public.datastream FOR EACH ROW EXECUTE FUNCTION public.notify_datastream();

CREATE TRIGGER device_changed AFTER INSERT OR UPDATE ON public.device FOR EACH ROW EXECUTE FUNCTION public.notify_device();

CREATE TRIGGER device_key_changed AFTER INSERT OR DELETE OR UPDATE ON public.device_key FOR EACH ROW EXECUTE FUNCTION public.notify_registry();

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.assignment
    ADD CONSTRAINT assignment_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.broker_change
    ADD CONSTRAINT broker_change_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.conflict
    ADD CONSTRAINT conflict_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.conflict
    ADD CONSTRAINT conflict_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.datastream
    ADD CONSTRAINT datastream_station_id_fkey FOREIGN KEY (station_id) REFERENCES public.station(id);

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

ALTER TABLE ONLY public.latest
    ADD CONSTRAINT latest_datastream_id_fkey FOREIGN KEY (datastream_id) REFERENCES public.datastream(id);

ALTER TABLE ONLY public.refused_frame
    ADD CONSTRAINT refused_frame_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);
