-- depends: 20261122_15_rates
-- What citizens saw, its pictures, and what operators decide about it.

CREATE TABLE report (
    id            uuid PRIMARY KEY,
    tracking      bytea NOT NULL UNIQUE,  -- SHA-256 of the tracking code
    once          bytea UNIQUE,           -- keyed digest of the sender's idempotency key: sent twice, it is one report
    once_body     bytea,                  -- keyed digest of what was sent with it
    position      geometry(Point, 4326) NOT NULL,
    accuracy_m    real CHECK (accuracy_m >= 0),
    seen_at       timestamptz NOT NULL,
    submitted_at  timestamptz NOT NULL,
    category      text NOT NULL,
    depth_cm      integer CHECK (depth_cm BETWEEN 0 AND 1000),
    depth_word    text CHECK (depth_word IN ('ankle', 'knee', 'waist', 'chest')),
    text          text NOT NULL DEFAULT '',
    language      text NOT NULL,
    severity      text NOT NULL,          -- domain.reports.severity_of
    state         text NOT NULL DEFAULT 'submitted'
                  CHECK (state IN ('submitted', 'under_review', 'verified', 'rejected', 'duplicate', 'resolved')),
    version       integer NOT NULL DEFAULT 1, -- grows with every change; who decides names the one that was seen
    assigned_to   integer REFERENCES account ON DELETE SET NULL,
    duplicate_of  uuid REFERENCES report,
    withdrawn_at  timestamptz,
    contact       bytea,                  -- sealed under the master key
    contact_until timestamptz,            -- erased then
    reporter      bytea,                  -- keyed digest of the contact, for the reporter's record; erased with it
    erased_at     timestamptz,            -- since then nothing here says who it was
    reviewed_at   timestamptz,            -- first taken under review
    decided_at    timestamptz,
    resolved_at   timestamptz,
    changed_at    timestamptz NOT NULL,
    -- What the public map shows instead (reports/coarse.py); nothing ties this id to the others.
    public_id     uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    cell          geometry(Point, 4326) NOT NULL,
    seen_quarter  timestamptz NOT NULL,
    CHECK ((state = 'duplicate') <= (duplicate_of IS NOT NULL)),
    CHECK (duplicate_of <> id)
);
CREATE INDEX report_position ON report USING gist (position);
CREATE INDEX report_position_m ON report USING gist ((position::geography));
CREATE INDEX report_open ON report (seen_at) WHERE state IN ('submitted', 'under_review');
CREATE INDEX report_public ON report (seen_quarter, public_id) WHERE state = 'verified' AND withdrawn_at IS NULL;
CREATE INDEX report_changed ON report (changed_at);
CREATE INDEX report_reporter ON report (reporter) WHERE reporter IS NOT NULL;
CREATE INDEX report_contact_until ON report (contact_until) WHERE contact IS NOT NULL;

-- The story of a report. `shown`: the reporter reads it by the tracking code.
CREATE TABLE report_event (
    report_id  uuid NOT NULL REFERENCES report ON DELETE CASCADE,
    number     integer NOT NULL,
    at         timestamptz NOT NULL,
    kind       text NOT NULL,
    author     text NOT NULL,
    text       text NOT NULL DEFAULT '',
    state      text NOT NULL,             -- in which it left the report
    shown      boolean NOT NULL,
    PRIMARY KEY (report_id, number)
);

-- One picture of a report: what is kept is made anew from it, without its metadata.
CREATE TABLE evidence (
    id            uuid PRIMARY KEY,
    report_id     uuid NOT NULL REFERENCES report ON DELETE CASCADE,
    number        smallint NOT NULL CHECK (number BETWEEN 1 AND 5),
    sha256        bytea NOT NULL,         -- of the bytes as they were sent
    likeness      bigint NOT NULL,        -- perceptual hash: alike pictures differ in few bits
    sent_type     text NOT NULL,          -- media type by content
    sent_bytes    bigint NOT NULL,
    width         integer NOT NULL,
    height        integer NOT NULL,
    kept_bytes    bigint NOT NULL,
    received_at   timestamptz NOT NULL,
    hint_position geometry(Point, 4326),  -- from its metadata: hints, not claims
    hint_at       timestamptz,
    hint_off_m    double precision,       -- from the place that the report claims
    like_evidence uuid REFERENCES evidence ON DELETE SET NULL, -- the earliest that is the same or alike
    like_bits     smallint,               -- 0: the very same bytes or picture
    UNIQUE (report_id, number)
);
CREATE INDEX evidence_sha256 ON evidence (sha256);
CREATE INDEX evidence_received_at ON evidence (received_at);

-- Every file is announced here before it is written: what no evidence names after a while is swept away.
CREATE TABLE evidence_file (
    key         text PRIMARY KEY,
    evidence_id uuid REFERENCES evidence ON DELETE SET NULL,
    kind        text NOT NULL CHECK (kind IN ('picture', 'thumbnail')),
    begun_at    timestamptz NOT NULL
);
CREATE INDEX evidence_file_evidence ON evidence_file (evidence_id);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON report
    FOR EACH ROW EXECUTE FUNCTION audit_change('id', 'tracking,once,once_body,position,cell,public_id,text,contact,reporter');
CREATE TRIGGER audited AFTER INSERT OR DELETE ON evidence
    FOR EACH ROW EXECUTE FUNCTION audit_change('report_id,number', 'hint_position,hint_at,sha256,likeness');
