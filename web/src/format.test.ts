import { describe, expect, it } from "vitest";

import { count, duration, milliseconds, plural, relative, share } from "./format";

describe("milliseconds", () => {
  it.each([
    [null, "–"],
    [undefined, "–"],
    [0, "0.00 ms"],
    [0.256, "0.26 ms"],
    [12.34, "12.3 ms"],
    [123.4, "123 ms"],
    [12_340, "12.3 s"],
  ])("%s is %s", (value, text) => expect(milliseconds(value)).toBe(text));
});

describe("share", () => {
  it.each([
    [null, "–"],
    [0, "0 %"],
    [0.0001, "< 0.1 %"],
    [0.0123, "1.2 %"],
    [0.5, "50 %"],
    [1, "100 %"],
  ])("%s is %s", (value, text) => expect(share(value)).toBe(text));
});

describe("duration", () => {
  it.each([
    [null, "–"],
    [20, "just now"],
    [12_000, "12 s"],
    [61_000, "1 min 1 s"],
    [3_600_000, "1 h"],
    [3 * 86_400_000 + 4 * 3_600_000 + 59_000, "3 d 4 h"],
  ])("%s is %s", (value, text) => expect(duration(value)).toBe(text));
});

describe("relative", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  it.each([
    [null, "never"],
    ["2026-11-21T11:55:00Z", "5 min ago"],
    ["2026-11-24T12:00:00Z", "in 3 d"],
    ["2026-11-21T12:00:00.200Z", "just now"],
  ])("%s is %s", (time, text) => expect(relative(time, now)).toBe(text));
});

it("counts things", () => {
  expect(count(10_000)).toBe("10\u202f000");
  expect(plural(1, "route")).toBe("1 route");
  expect(plural(0, "route")).toBe("0 routes");
  expect(plural(2, "policy", "policies")).toBe("2 policies");
});
