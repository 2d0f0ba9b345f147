import { describe, expect, it } from "vitest";

import { linkTo, parsePlace } from "./router";

describe("a place", () => {
  it.each([
    ["", [], ""],
    ["#/", [], ""],
    ["#/tunnels", ["tunnels"], ""],
    ["#/tunnels/office?tab=a", ["tunnels", "office"], "tab=a"],
    ["#/devices/a%2Fb", ["devices", "a/b"], ""],
    ["#/devices/100%", ["devices", "100%"], ""],
    ["#/routes?within=10.0.0.0%2F8", ["routes"], "within=10.0.0.0%2F8"],
  ])("is read from %s", (hash, path, query) => {
    const place = parsePlace(hash);
    expect(place.path).toEqual(path);
    expect(place.query.toString()).toBe(query);
  });

  it("comes back from the link to it", () => {
    for (const name of ["office", "a b", "alice@example.org", "ü", "x#y?z"]) {
      expect(parsePlace(linkTo("users", name)).path).toEqual(["users", name]);
    }
  });
});
