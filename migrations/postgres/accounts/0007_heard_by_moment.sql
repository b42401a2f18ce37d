-- For whoever begins: nothing is handed in before what was heard last.
CREATE INDEX heard_by_moment ON heard (received);
