-- depends: 20261121_04_known_then
-- Which master key the secrets here are sealed under: an empty secret that only the right one opens.

ALTER TABLE platform ADD COLUMN seal bytea;
