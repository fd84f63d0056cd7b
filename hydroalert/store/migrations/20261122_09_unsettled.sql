-- depends: 20261122_08_publications
-- What is not settled is looked for all the time and is little; what was delivered in the past hour bounds repeats.

CREATE INDEX delivery_unsettled ON delivery (subscription_id) WHERE state IN ('waiting', 'dead');
CREATE INDEX delivery_done ON delivery (subscription_id, done_at) WHERE state = 'delivered';
