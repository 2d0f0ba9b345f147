// What the control API answers (docs/api.md). Times are RFC 3339, ids grow.

export type Role = "read" | "admin";
export type TunnelStatus = "healthy" | "degraded" | "down" | "inactive";
export type Verdict = "allow" | "deny";
export type Protocol = "icmp" | "udp";

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Session {
  id: number;
  actor: string;
  role: Role;
  peer: string;
  began: string;
  used: string;
  expires: string;
}
export interface Caller {
  actor: string;
  role: Role;
  session: Session | null;
}

export interface EdgeStatus {
  name: string;
  version: string;
  started: string;
  uptime_ms: number;
  pin: string;
  listen: string[];
  tunnels: Record<TunnelStatus, number>;
  connections: number;
  routes: number;
  policies: number;
  devices: number;
  users: number;
  flows: number;
  default_verdict: Verdict;
}

export interface Tunnel {
  id: number;
  name: string;
  comment: string;
  uuid: string;
  has_token: boolean;
  status: TunnelStatus;
  connectors: number;
  connections: number;
  rtt_ms: number | null;
  uptime_ms: number | null;
  routes: number;
  route_prefixes: string[];
  created: string;
  last_connected: string | null;
}
export interface Connection {
  index: number;
  peer: string;
  local: string;
  datagram: "v2" | "v3";
  rtt_ms: number | null;
  loss: number;
  datagrams_sent: number;
  datagrams_lost: number;
  mtu: number;
  age_ms: number | null;
  state: "ready" | "silent" | "draining";
}
export type IcmpState = "available" | "unavailable" | "unknown";
export interface Connector {
  id: string;
  version: string;
  arch: string;
  features: string[];
  wanted: number;
  icmp: { ipv4: IcmpState; ipv6: IcmpState; reason: string };
  connections: Connection[];
}
export interface TunnelDetails extends Tunnel {
  connector_list: Connector[];
}
export interface TunnelSample {
  time: string;
  status: TunnelStatus;
  connections: number;
  rtt_ms: number | null;
  loss: number;
}
export interface TunnelHistory {
  interval_ms: number;
  samples: TunnelSample[];
}

export interface Route {
  id: number;
  prefix: string;
  tunnel: string;
  vnet: string;
  comment: string;
  created: string;
  tunnel_status: TunnelStatus;
}
export interface RouteLookup {
  route: Route | null;
  tunnel: string | null;
  tunnel_status: TunnelStatus | null;
}
export interface Vnet {
  id: number;
  name: string;
  comment: string;
  routes: number;
}

export interface User {
  id: number;
  name: string;
  comment: string;
  groups: string[];
  devices: number;
}
export interface Group {
  id: number;
  name: string;
  comment: string;
  members: string[];
}

export interface DeviceSession {
  peer: string;
  age_ms: number;
  rtt_ms: number;
  loss: number;
  datagrams_sent: number;
  datagrams_lost: number;
  mtu: number;
}
export interface Device {
  id: number;
  name: string;
  kind: "ingress" | "enrolled";
  user: string | null;
  tags: string[];
  vnet: string;
  addresses: string[];
  revoked: boolean;
  online: boolean;
  last_seen: string | null;
  groups: string[];
  sessions: DeviceSession[];
  created: string;
}
export interface EnrolmentKey {
  id: number;
  name: string;
  reusable: boolean;
  expires: string | null;
  user: string | null;
  tags: string[];
  uses: number;
  state: "valid" | "used" | "expired" | "revoked";
  created: string;
}

export interface Policy {
  id: number;
  position: number;
  name: string;
  who: string[];
  to: string[];
  vnet: string | null;
  protocol: Protocol | null;
  ports: (number | string)[];
  from: string | null;
  until: string | null;
  verdict: Verdict;
  comment: string;
  state: "active" | "waiting" | "over";
}
export interface PolicyCheck {
  verdict: Verdict;
  rule: string | null;
  position: number | null;
  reason: string;
  route: Route | null;
  tunnel: string | null;
  tunnel_status: TunnelStatus | null;
}

export interface ApiToken {
  id: number;
  name: string;
  role: Role;
  expires: string | null;
  created: string;
}
export interface AuditEntry {
  id: number;
  time: string;
  actor: string;
  action: string;
  object: string;
  detail: Record<string, unknown>;
}

export interface Flow {
  time: string;
  device: string | null;
  user: string | null;
  check?: boolean; // no packet of the device: `why`, or a path check in its name
  from: string;
  to: string;
  protocol: Protocol;
  port?: number;
  verdict: Verdict;
  rule: string;
  tunnel: string | null;
}

// The path view's stream (GET /path), and what /why answers once.
export interface PathEvidence {
  check: string;
  outcome: "ok" | "bad" | "unknown";
  detail: string;
}
export interface PathVerdict {
  reachable: boolean;
  verdict: string;
  fix: string | null;
  cause: string;
  evidence: PathEvidence[];
  legs: {
    device_edge_ms: number | null;
    edge_connector_ms: number | null;
    connector_host_ms: number | null;
  };
}
export type HopRole = "device" | "edge" | "connector" | "router" | "destination";
export interface PathHop {
  ttl: number;
  address: string | null;
  name: string | null;
  role: HopRole;
  sent: number;
  lost: number;
  last_ms: number | null;
  best_ms: number | null;
  avg_ms: number | null;
  worst_ms: number | null;
  jitter_ms: number | null;
}
export interface PathPing {
  sequence: number;
  rtt_ms: number | null;
  error: string | null;
}
