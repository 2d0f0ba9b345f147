import { describe, expect, it } from "vitest";

import { moved, placeAt } from "./reorder";

describe("moved", () => {
  it.each([
    [0, 2, "bcad"],
    [3, 0, "dabc"],
    [1, 1, "abcd"],
    [0, 9, "bcda"],
    [2, -3, "cabd"],
  ])("from %i to %i", (from, to, result) => expect(moved([..."abcd"], from, to).join("")).toBe(result));

  it("leaves the list that it was given alone", () => {
    const list = [1, 2, 3];
    moved(list, 0, 2);
    expect(list).toEqual([1, 2, 3]);
  });
});

describe("placeAt", () => {
  // Places of different heights: 0–10, 10–40, 40–60.
  const spans = [
    { top: 0, bottom: 10 },
    { top: 10, bottom: 40 },
    { top: 40, bottom: 60 },
  ];
  it.each([
    [5, 0, 0],
    [24, 0, 0],
    [26, 0, 1],
    [51, 0, 2],
    [500, 0, 2],
    [24, 2, 1],
    [26, 2, 2],
    [4, 2, 0],
    [-80, 2, 0],
    [30, 1, 1],
  ])("at %i from %i is %i", (y, from, place) => expect(placeAt(y, spans, from)).toBe(place));
});
