-- What the simulator sent, and what it was answered. Times are Unix milliseconds.
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY, command TEXT NOT NULL, seed INTEGER, started_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS device (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, station TEXT NOT NULL
);
-- kind: good, or what was done to the frame. expected: the refusal that it must meet, NULL for none.
-- A frame with an expected refusal, or one sent again, brings no records of its own.
CREATE TABLE IF NOT EXISTS frame (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, device INTEGER NOT NULL, boot INTEGER NOT NULL,
    sequence INTEGER NOT NULL, key_id INTEGER NOT NULL, content INTEGER NOT NULL, kind TEXT NOT NULL,
    expected TEXT, wants_receipt INTEGER NOT NULL, sent_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS record (
    frame INTEGER NOT NULL, datastream TEXT NOT NULL, time_ms INTEGER NOT NULL, value REAL NOT NULL
);
-- One row a range of a receipt: stored where reason is NULL.
CREATE TABLE IF NOT EXISTS answer (
    device INTEGER NOT NULL, boot INTEGER NOT NULL, key_id INTEGER NOT NULL, first INTEGER NOT NULL,
    last INTEGER NOT NULL, reason TEXT, at_ms INTEGER NOT NULL
);
-- Frames without a wish for a receipt that no PUBACK had answered when their run ended: they may be there or not.
CREATE TABLE IF NOT EXISTS unsettled (device INTEGER NOT NULL, boot INTEGER NOT NULL, sequence INTEGER NOT NULL);
-- Rows of a replayed file whose time already had a value: first counts, a different one is a conflict.
CREATE TABLE IF NOT EXISTS source_repeat (
    device INTEGER NOT NULL, datastream TEXT NOT NULL, time_ms INTEGER NOT NULL, value REAL NOT NULL,
    conflicting INTEGER NOT NULL
);
