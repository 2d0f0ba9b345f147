// The verdicts that the page shows: the newest first, so many and no more, as many as come.
import type { Flow } from "./types";

export const SHOWN = 500;

export interface Row extends Flow {
  key: number;
}

export interface FlowLog {
  rows: Row[]; // newest first
  waiting: Row[]; // come while the page was paused, newest first
  leftOut: number; // the edge had more than it could tell
  seen: number;
}

export const EMPTY: FlowLog = { rows: [], waiting: [], leftOut: 0, seen: 0 };

// `flows` in the order in which they came.
export function withFlows(log: FlowLog, flows: readonly Flow[], isPaused: boolean): FlowLog {
  const rows = flows.map((flow, place) => ({ ...flow, key: log.seen + place })).reverse();
  const seen = log.seen + flows.length;
  return isPaused
    ? { ...log, seen, waiting: [...rows, ...log.waiting].slice(0, SHOWN) }
    : { ...log, seen, rows: [...rows, ...log.waiting, ...log.rows].slice(0, SHOWN), waiting: [] };
}

export function resumed(log: FlowLog): FlowLog {
  return { ...log, rows: [...log.waiting, ...log.rows].slice(0, SHOWN), waiting: [] };
}
