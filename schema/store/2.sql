-- Version 2: how much of the path behind a tunnel's connectors its users see.

ALTER TABLE tunnels ADD COLUMN path TEXT NOT NULL DEFAULT 'full'
  CHECK (path IN ('full', 'single-hop'));
