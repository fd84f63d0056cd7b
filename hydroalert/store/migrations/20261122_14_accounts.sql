-- depends: 20261122_13_audit
-- People and machines that may do more than look: accounts, what they are logged in by, keys, and what failed.

CREATE TABLE account (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    role           text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    password       text NOT NULL,                  -- argon2id, in the PHC string format
    must_change    boolean NOT NULL DEFAULT false, -- who only changes the password, until that is done
    totp           bytea,                          -- the shared secret (RFC 6238), sealed under the master key
    totp_since     timestamptz,                    -- NULL: not confirmed by a code yet, and so not asked for
    totp_step      bigint,                         -- of the last code that was taken: none is taken twice
    recovery_codes bytea[] NOT NULL DEFAULT '{}',  -- SHA-256 of each that is left
    enabled        boolean NOT NULL DEFAULT true,
    created_at     timestamptz NOT NULL DEFAULT now()
);

-- One login: access tokens name it, refresh tokens continue it; ended, none of them counts any more.
CREATE TABLE login_session (
    id         uuid PRIMARY KEY,
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    used_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_by   text,
    address    text NOT NULL,
    agent      text NOT NULL
);
CREATE INDEX login_session_account ON login_session (account_id);
CREATE INDEX login_session_expires_at ON login_session (expires_at);
CREATE TABLE refresh_token (
    digest     bytea PRIMARY KEY,  -- SHA-256
    session_id uuid NOT NULL REFERENCES login_session ON DELETE CASCADE,
    issued_at  timestamptz NOT NULL,
    used_at    timestamptz         -- a second use ends the session
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

CREATE TABLE api_key (
    code       text PRIMARY KEY,   -- the part of the key that names it
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    name       text NOT NULL,
    digest     bytea NOT NULL,     -- SHA-256 of the part that proves it
    scopes     text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_key_account ON api_key (account_id);

-- What access tokens are signed with: one key signs; one that signed before counts until it is retired.
CREATE TABLE signing_key (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sealed     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);
CREATE UNIQUE INDEX signing_key_signs ON signing_key ((true)) WHERE retired_at IS NULL;

-- Failed logins, by the name that was tried (known or not; a digest: people type passwords there) and the address; '' stands for all addresses together.
CREATE TABLE login_failure (
    name_digest   bytea NOT NULL,
    party         text NOT NULL,
    failures      integer NOT NULL,
    last_at       timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    PRIMARY KEY (name_digest, party)
);
CREATE INDEX login_failure_last_at ON login_failure (last_at);
-- Where an account was logged in from: others who guess its password elsewhere cannot lock it out there.
CREATE TABLE login_place (
    account_id integer NOT NULL REFERENCES account ON DELETE CASCADE,
    party      text NOT NULL,
    last_at    timestamptz NOT NULL,
    PRIMARY KEY (account_id, party)
);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OF name, role, password, must_change, totp, totp_since, enabled OR DELETE
    ON account FOR EACH ROW EXECUTE FUNCTION audit_change('name', 'password,totp,recovery_codes');
-- A login is an event of its own in the audit; one that merely expired and is swept away is none.
CREATE TRIGGER audited AFTER UPDATE OF ended_at ON login_session
    FOR EACH ROW EXECUTE FUNCTION audit_change('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OF scopes, expires_at, revoked_at OR DELETE ON api_key
    FOR EACH ROW EXECUTE FUNCTION audit_change('code', 'digest');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON signing_key
    FOR EACH ROW EXECUTE FUNCTION audit_change('id', 'sealed');
