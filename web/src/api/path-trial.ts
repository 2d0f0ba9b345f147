// What the path view knows: the verdict, the hops and the pings of one look along a path (GET /path).
import type { StreamEvent } from "./stream";
import type { PathHop, PathPing, PathVerdict } from "./types";

export const PINGS = 300;

export interface PathTrial {
  verdict: PathVerdict | null;
  hops: PathHop[]; // by TTL
  pings: PathPing[]; // by sequence, the last ones
}

export const NOTHING: PathTrial = { verdict: null, hops: [], pings: [] };

export function withEvent(trial: PathTrial, { name, data }: StreamEvent): PathTrial {
  if (data === null || typeof data !== "object") return trial;
  switch (name) {
    case "verdict":
      return { ...trial, verdict: data as PathVerdict };
    case "hop": {
      const hop = data as PathHop;
      // Where the destination has been found, what was found behind it is no part of the path: it
      // answers from there too, when a probe that is nearer was lost.
      const others = trial.hops.filter((other) =>
        hop.role === "destination" ? other.ttl < hop.ttl : other.ttl !== hop.ttl,
      );
      return { ...trial, hops: [...others, hop].sort((a, b) => a.ttl - b.ttl) };
    }
    case "ping": {
      const ping = data as PathPing;
      const others = trial.pings.filter((other) => other.sequence !== ping.sequence);
      return { ...trial, pings: [...others, ping].sort((a, b) => a.sequence - b.sequence).slice(-PINGS) };
    }
    default:
      return trial;
  }
}

export interface PingSummary {
  sent: number;
  lost: number;
  best: number | null;
  average: number | null;
  worst: number | null;
}

export function summaryOf(pings: readonly PathPing[]): PingSummary {
  const answered = pings.map((ping) => ping.rtt_ms).filter((rtt): rtt is number => rtt !== null);
  return {
    sent: pings.length,
    lost: pings.length - answered.length,
    best: answered.length === 0 ? null : Math.min(...answered),
    average: answered.length === 0 ? null : answered.reduce((a, b) => a + b, 0) / answered.length,
    worst: answered.length === 0 ? null : Math.max(...answered),
  };
}

// "10.1.2.3:443" and "[fd00::1]:443" are an address and a port.
export function splitDestination(text: string): { to: string; port: string } {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(trimmed);
  if (bracketed) return { to: bracketed[1]!, port: bracketed[2] ?? "" };
  const plain = /^([^:]+):(\d+)$/.exec(trimmed);
  return plain ? { to: plain[1]!, port: plain[2]! } : { to: trimmed, port: "" };
}
