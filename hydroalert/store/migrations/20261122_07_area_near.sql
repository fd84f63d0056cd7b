-- depends: 20261122_06_claims
-- Areas near a place are found by metres on the spheroid, as stations are.

CREATE INDEX area_polygon_m ON area USING gist ((polygon::geography));
