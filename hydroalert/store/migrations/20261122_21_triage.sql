-- depends: 20261122_17_shelters
-- What triage looks for: reports of the last hours, those joined to another, and those of a span of days.

CREATE INDEX report_seen ON report (seen_at);
CREATE INDEX report_submitted ON report (submitted_at);
CREATE INDEX report_duplicate_of ON report (duplicate_of) WHERE duplicate_of IS NOT NULL;
