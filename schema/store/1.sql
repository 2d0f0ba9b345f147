-- Version 1 of the control plane's store: src/control/model.h as tables.
--
-- Times are milliseconds since 1970, UTC. Addresses and prefixes are text. An id is given once, to
-- one thing of whatever kind; meta.last_id is the highest. A list that belongs to something goes with
-- it, and keeps its order in `place`: 0, 1, 2, … Other references are checked when a commit ends, so
-- that its changes may come in any order.

CREATE TABLE meta (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  last_id INTEGER NOT NULL CHECK (last_id > 0)
) STRICT;

CREATE TABLE settings (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  default_verdict TEXT NOT NULL CHECK (default_verdict IN ('allow', 'deny'))
) STRICT;

CREATE TABLE vnets (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  name TEXT NOT NULL UNIQUE,
  comment TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;

-- Secrets are SHA-256 hashes, here and below.
CREATE TABLE tunnels (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  name TEXT NOT NULL UNIQUE,
  uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
  account TEXT NOT NULL,
  secret BLOB CHECK (length(secret) = 32),
  previous_secret BLOB CHECK (length(previous_secret) = 32),
  previous_until INTEGER NOT NULL,
  comment TEXT NOT NULL,
  created INTEGER NOT NULL,
  last_connected INTEGER
) STRICT;

CREATE TABLE routes (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  prefix TEXT NOT NULL,
  vnet INTEGER NOT NULL REFERENCES vnets DEFERRABLE INITIALLY DEFERRED,
  tunnel INTEGER NOT NULL REFERENCES tunnels DEFERRABLE INITIALLY DEFERRED,
  comment TEXT NOT NULL,
  created INTEGER NOT NULL,
  UNIQUE (vnet, prefix)
) STRICT;
CREATE INDEX routes_by_tunnel ON routes (tunnel);

CREATE TABLE users (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  name TEXT NOT NULL UNIQUE,
  comment TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE groups (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  name TEXT NOT NULL UNIQUE,
  comment TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES groups ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  user_id INTEGER NOT NULL REFERENCES users DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_by_user ON group_members (user_id);

CREATE TABLE enrolment_keys (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  name TEXT NOT NULL UNIQUE,
  secret BLOB NOT NULL CHECK (length(secret) = 32),
  reusable INTEGER NOT NULL CHECK (reusable IN (0, 1)),
  expires INTEGER,
  user_id INTEGER REFERENCES users DEFERRABLE INITIALLY DEFERRED,
  uses INTEGER NOT NULL CHECK (uses >= 0),
  revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX enrolment_keys_by_user ON enrolment_keys (user_id);

CREATE TABLE enrolment_key_tags (
  enrolment_key INTEGER NOT NULL
    REFERENCES enrolment_keys ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  place INTEGER NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (enrolment_key, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('ingress', 'enrolled')),
  user_id INTEGER REFERENCES users DEFERRABLE INITIALLY DEFERRED,
  vnet INTEGER NOT NULL REFERENCES vnets DEFERRABLE INITIALLY DEFERRED,
  key_pin BLOB CHECK (length(key_pin) = 32),
  revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
  created INTEGER NOT NULL,
  last_seen INTEGER
) STRICT;
CREATE INDEX devices_by_user ON devices (user_id);
CREATE INDEX devices_by_vnet ON devices (vnet);

CREATE TABLE device_tags (
  device INTEGER NOT NULL REFERENCES devices ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  place INTEGER NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (device, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_addresses (
  device INTEGER NOT NULL REFERENCES devices ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  place INTEGER NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (device, place)
) STRICT, WITHOUT ROWID;

-- Asked in the order of their positions: 1, 2, 3, … without a gap, which each commit sees to.
CREATE TABLE policies (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  position INTEGER NOT NULL UNIQUE CHECK (position > 0),
  name TEXT NOT NULL UNIQUE,
  vnet INTEGER REFERENCES vnets DEFERRABLE INITIALLY DEFERRED,
  protocol TEXT CHECK (protocol IN ('icmp', 'udp')),
  active_from INTEGER,
  active_until INTEGER,
  verdict TEXT NOT NULL CHECK (verdict IN ('allow', 'deny')),
  comment TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX policies_by_vnet ON policies (vnet);

CREATE TABLE policy_who (
  policy INTEGER NOT NULL REFERENCES policies ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  place INTEGER NOT NULL,
  user_id INTEGER REFERENCES users DEFERRABLE INITIALLY DEFERRED,
  group_id INTEGER REFERENCES groups DEFERRABLE INITIALLY DEFERRED,
  device_id INTEGER REFERENCES devices DEFERRABLE INITIALLY DEFERRED,
  tag TEXT,
  PRIMARY KEY (policy, place),
  CHECK ((user_id IS NOT NULL) + (group_id IS NOT NULL) + (device_id IS NOT NULL) +
         (tag IS NOT NULL) = 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX policy_who_by_user ON policy_who (user_id);
CREATE INDEX policy_who_by_group ON policy_who (group_id);
CREATE INDEX policy_who_by_device ON policy_who (device_id);

CREATE TABLE policy_to (
  policy INTEGER NOT NULL REFERENCES policies ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  place INTEGER NOT NULL,
  prefix TEXT NOT NULL,
  PRIMARY KEY (policy, place)
) STRICT, WITHOUT ROWID;

-- Both ends are included.
CREATE TABLE policy_ports (
  policy INTEGER NOT NULL REFERENCES policies ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  place INTEGER NOT NULL,
  first INTEGER NOT NULL CHECK (first BETWEEN 0 AND 65535),
  last INTEGER NOT NULL CHECK (last BETWEEN 0 AND 65535),
  PRIMARY KEY (policy, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  name TEXT NOT NULL UNIQUE,
  secret BLOB NOT NULL CHECK (length(secret) = 32),
  role TEXT NOT NULL CHECK (role IN ('read', 'admin')),
  expires INTEGER,
  created INTEGER NOT NULL
) STRICT;

-- The newest entries, numbered by themselves; each commit adds one and drops what is too old.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_action ON audit (action);
CREATE INDEX audit_by_object ON audit (object);

INSERT INTO meta VALUES (1, 1);
INSERT INTO settings VALUES (1, 'allow');
INSERT INTO vnets VALUES (1, 'default', '', unixepoch() * 1000);
