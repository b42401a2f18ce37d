-- A copy of the log takes the keys along with the events that they wrote.
CREATE INDEX appends_by_position ON appends (position);
