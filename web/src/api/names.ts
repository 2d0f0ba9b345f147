// Names of things, for fields that ask for one.
import { useLive } from "./live";
import type { Device, Group, Page, Tunnel, User, Vnet } from "./types";

const MOST = "?limit=1000";

export function useNames(kind: "tunnels" | "users" | "groups" | "devices" | "vnets"): string[] {
  const word = kind.slice(0, -1);
  const live = useLive<Page<Tunnel | User | Group | Device | Vnet>>(`/${kind}${MOST}`, { on: [`${word}.`] });
  return live.data?.items.map((thing) => thing.name) ?? [];
}

// Whom a policy may name.
export function useSubjects(): string[] {
  const users = useNames("users").map((name) => `user:${name}`);
  const groups = useNames("groups").map((name) => `group:${name}`);
  const devices = useLive<Page<Device>>(`/devices${MOST}`, { on: ["device."] }).data?.items ?? [];
  const tags = [...new Set(devices.flatMap((device) => device.tags))].map((tag) => `tag:${tag}`);
  return [...users, ...groups, ...tags, ...devices.map((device) => `device:${device.name}`)];
}
