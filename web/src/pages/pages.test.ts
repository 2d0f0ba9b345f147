// What pages work out before they show it.
import { describe, expect, it } from "vitest";

import type { Policy, TunnelSample } from "../api/types";
import { inWords, partsOf } from "./audit";
import { addressIn, bodyOf, trialOf } from "./dry-run";
import { inTime } from "./lifetimes";
import { apiTime, localTime, portsOf } from "./policy-dialog";
import { trafficOf } from "./policies";
import { marksOf } from "./tunnel-health";

function policy(change: Partial<Policy>): Policy {
  return {
    id: 1,
    position: 1,
    name: "p",
    who: [],
    to: [],
    vnet: null,
    protocol: null,
    ports: [],
    from: null,
    until: null,
    verdict: "deny",
    comment: "",
    state: "active",
    ...change,
  };
}

describe("a flow to try a policy with", () => {
  it("is somebody's whom it names, to where it names", () => {
    expect(bodyOf(trialOf(policy({ who: ["group:staff", "user:alice"], to: ["10.20.0.0/16"], protocol: "icmp" })))).toEqual({
      user: "alice",
      to: "10.20.0.1",
      protocol: "icmp",
    });
    expect(bodyOf(trialOf(policy({ who: ["tag:mobile"], to: ["fd00::/8"], ports: ["1000-2000", 53], vnet: "lab" })))).toEqual({
      tags: ["mobile"],
      to: "fd00::1",
      protocol: "udp",
      port: 1000,
      vnet: "lab",
    });
    expect(bodyOf(trialOf(policy({ who: ["device:laptop", "group:g"] })))).toEqual({ device: "laptop", to: "", protocol: "icmp" });
    expect(bodyOf(trialOf(policy({ protocol: "udp", to: ["10.0.0.1/32"] })))).toEqual({ to: "10.0.0.1", protocol: "udp", port: 53 });
  });

  it.each([
    ["10.0.0.0/8", "10.0.0.1"],
    ["10.0.0.7/32", "10.0.0.7"],
    ["10.0.0.7", "10.0.0.7"],
    ["fd00::/64", "fd00::1"],
    ["fd00::5/128", "fd00::5"],
    ["", ""],
  ])("has the address of %s: %s", (prefix, address) => expect(addressIn(prefix)).toBe(address));
});

it("says which traffic a policy is about", () => {
  expect(trafficOf({ protocol: null, ports: [] })).toBe("all traffic");
  expect(trafficOf({ protocol: "icmp", ports: [] })).toBe("ping");
  expect(trafficOf({ protocol: null, ports: [53, "1000-2000"] })).toBe("UDP 53, 1000-2000");
});

it("writes ports as the API wants them", () => {
  expect(portsOf(["53", "1000-2000", "x"])).toEqual([53, "1000-2000", "x"]);
});

it("writes a time as the browser's field does, and back", () => {
  const time = "2026-11-21T13:45:00.000Z";
  expect(apiTime(localTime(time))).toBe(time);
  expect(localTime(null)).toBe("");
  expect(apiTime("")).toBeNull();
});

it("ends after a lifetime, or never", () => {
  expect(inTime("day", Date.parse("2026-11-21T00:00:00Z"))).toBe("2026-11-22T00:00:00.000Z");
  expect(inTime("forever")).toBeNull();
});

describe("the detail of an audit entry", () => {
  it("tells changes from what to what", () => {
    expect(partsOf({ comment: { from: "", to: "new" }, who: { from: [], to: ["user:alice", "tag:x"] }, vnet: { from: "a", to: null } })).toEqual([
      ["comment", "empty → new"],
      ["who", "none → user:alice, tag:x"],
      ["vnet", "a → none"],
    ]);
  });
  it("leaves out what is empty in something new", () => {
    expect(partsOf({ name: "a", comment: "", who: [], vnet: null, reusable: false, uses: 0 })).toEqual([
      ["name", "a"],
      ["reusable", "false"],
      ["uses", "0"],
    ]);
  });
  it("loses nothing that it does not know", () => {
    expect(inWords({ a: [1] })).toBe('{"a":[1]}');
  });
});

describe("the strip of a tunnel's health", () => {
  const sample = (minute: number, status: TunnelSample["status"]): TunnelSample => ({
    time: new Date(minute * 60_000).toISOString(),
    status,
    connections: 4,
    rtt_ms: 1,
    loss: 0,
  });
  it("has a mark for each sample while they are few", () => {
    expect(marksOf([sample(0, "healthy"), sample(1, "down")]).map((mark) => mark.status)).toEqual(["healthy", "down"]);
  });
  it("shows the worst of many in one mark", () => {
    const day = Array.from({ length: 1440 }, (_, minute) => sample(minute, minute === 700 ? "down" : minute === 20 ? "degraded" : "healthy"));
    const marks = marksOf(day);
    expect(marks.length).toBe(96);
    expect(marks.filter((mark) => mark.status === "down").length).toBe(1);
    expect(marks[1]!.status).toBe("degraded");
    expect(marks.at(-1)!.to).toBe(day.at(-1)!.time);
  });
  it("has none of nothing", () => expect(marksOf([])).toEqual([]));
});
