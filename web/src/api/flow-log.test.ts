import { expect, it } from "vitest";

import { EMPTY, resumed, SHOWN, withFlows } from "./flow-log";
import type { Flow } from "./types";

function flow(to: string): Flow {
  return { time: "2026-11-21T00:00:00Z", device: "laptop", user: null, from: "100.96.0.1", to, protocol: "icmp", verdict: "allow", rule: "default", tunnel: null };
}
const flows = (begin: number, end: number) => Array.from({ length: end - begin }, (_, i) => flow(String(begin + i)));
const shown = (rows: readonly Flow[]) => rows.map((row) => row.to);

it("shows the newest first, and so many and no more", () => {
  let log = withFlows(EMPTY, flows(0, 3), false);
  expect(shown(log.rows)).toEqual(["2", "1", "0"]);
  log = withFlows(log, flows(3, SHOWN + 3), false);
  expect(log.rows.length).toBe(SHOWN);
  expect(log.rows[0]!.to).toBe(String(SHOWN + 2));
  expect(new Set(log.rows.map((row) => row.key)).size).toBe(SHOWN);
});

it("keeps what comes while it is paused for later", () => {
  let log = withFlows(EMPTY, flows(0, 2), false);
  log = withFlows(log, flows(2, 4), true);
  expect(shown(log.rows)).toEqual(["1", "0"]);
  expect(shown(log.waiting)).toEqual(["3", "2"]);
  log = resumed(log);
  expect(shown(log.rows)).toEqual(["3", "2", "1", "0"]);
  expect(log.waiting).toEqual([]);
});

it("loses nothing that comes at the moment of going on", () => {
  let log = withFlows(EMPTY, flows(0, 1), true);
  log = withFlows(log, flows(1, 2), false);
  expect(shown(log.rows)).toEqual(["1", "0"]);
});
