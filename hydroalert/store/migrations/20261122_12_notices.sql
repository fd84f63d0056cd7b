-- depends: 20261122_11_flagging
-- What each operators' subscription was last told to be amiss with the platform itself, and when it may hear more.

ALTER TABLE subscription
    ADD COLUMN told_amiss text NOT NULL DEFAULT '',
    ADD COLUMN told_amiss_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN notice_due_at timestamptz NOT NULL DEFAULT now();
