-- depends: 20261122_17_shelters
-- Whoever follows hears at once that a report or a shelter changed, or that somebody may hear less than before. A hint
-- and no more: the api looks every few seconds anyway.

CREATE FUNCTION tell_live() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('live', TG_ARGV[0]);
    RETURN NULL;
END $$;

CREATE TRIGGER told AFTER INSERT OR UPDATE ON report
    FOR EACH STATEMENT EXECUTE FUNCTION tell_live('board');
CREATE TRIGGER told AFTER INSERT OR UPDATE OR DELETE ON shelter
    FOR EACH STATEMENT EXECUTE FUNCTION tell_live('board');
CREATE TRIGGER told AFTER UPDATE OF role, enabled, must_change OR DELETE ON account
    FOR EACH STATEMENT EXECUTE FUNCTION tell_live('callers');
CREATE TRIGGER told AFTER UPDATE OF ended_at OR DELETE ON login_session
    FOR EACH STATEMENT EXECUTE FUNCTION tell_live('callers');
CREATE TRIGGER told AFTER UPDATE OF scopes, expires_at, revoked_at OR DELETE ON api_key
    FOR EACH STATEMENT EXECUTE FUNCTION tell_live('callers');
