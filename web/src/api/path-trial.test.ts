import { describe, expect, it } from "vitest";

import { NOTHING, PINGS, splitDestination, summaryOf, withEvent } from "./path-trial";

const hop = (ttl: number, sent = 1) => ({
  name: "hop",
  data: { ttl, address: null, name: null, role: "router", sent, lost: 0, last_ms: 1, best_ms: 1, avg_ms: 1, worst_ms: 1, jitter_ms: 0 },
});
const ping = (sequence: number, rtt_ms: number | null) => ({ name: "ping", data: { sequence, rtt_ms, error: null } });

describe("a look along a path", () => {
  it("keeps hops by their distance, the newest of each", () => {
    let trial = NOTHING;
    for (const event of [hop(3), hop(1), hop(2), hop(1, 9)]) trial = withEvent(trial, event);
    expect(trial.hops.map((known) => [known.ttl, known.sent])).toEqual([
      [1, 9],
      [2, 1],
      [3, 1],
    ]);
  });

  it("ends at the nearest place where the destination answers", () => {
    const destination = (ttl: number) => ({ name: "hop", data: { ...hop(ttl).data, role: "destination" } });
    let trial = NOTHING;
    for (const event of [hop(1), hop(2), destination(3), destination(2), hop(1, 2)]) trial = withEvent(trial, event);
    expect(trial.hops.map((known) => [known.ttl, known.role])).toEqual([
      [1, "router"],
      [2, "destination"],
    ]);
  });

  it("has the newest verdict", () => {
    let trial = withEvent(NOTHING, { name: "verdict", data: { cause: "first" } });
    trial = withEvent(trial, { name: "verdict", data: { cause: "second" } });
    expect(trial.verdict?.cause).toBe("second");
  });

  it("keeps so many pings and no more", () => {
    let trial = NOTHING;
    for (let i = 0; i < PINGS + 5; ++i) trial = withEvent(trial, ping(i, 1));
    expect(trial.pings.length).toBe(PINGS);
    expect(trial.pings[0]).toMatchObject({ sequence: 5 });
  });

  it("does not mind what it does not know", () => {
    expect(withEvent(NOTHING, { name: "later", data: {} })).toBe(NOTHING);
    expect(withEvent(NOTHING, { name: "hop", data: null })).toBe(NOTHING);
  });
});

it("sums pings up, lost ones too", () => {
  const rtts = [2, null, 4];
  expect(summaryOf(rtts.map((rtt_ms, sequence) => ({ sequence, rtt_ms, error: null })))).toEqual({
    sent: 3,
    lost: 1,
    best: 2,
    average: 3,
    worst: 4,
  });
  expect(summaryOf([])).toMatchObject({ sent: 0, lost: 0, best: null });
});

describe("a destination", () => {
  it.each([
    ["10.1.2.3", "10.1.2.3", ""],
    [" 10.1.2.3:443 ", "10.1.2.3", "443"],
    ["host.example.net:53", "host.example.net", "53"],
    ["fd00::1", "fd00::1", ""],
    ["[fd00::1]:443", "fd00::1", "443"],
    ["[fd00::1]", "fd00::1", ""],
    ["host:", "host:", ""],
  ])("%s is %s and port %s", (text, to, port) => expect(splitDestination(text)).toEqual({ to, port }));
});
