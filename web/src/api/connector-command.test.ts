import { expect, it } from "vitest";

import { connectorCommand, edgeAddress } from "./connector-command";

it.each([
  [["0.0.0.0:7844", "[::]:7844"], "edge.example.net", "edge.example.net:7844"],
  [["[::]:9000"], "[::1]", "[::1]:9000"],
  [["192.0.2.1:7844"], "127.0.0.1", "192.0.2.1:7844"],
  [["[2001:db8::1]:7844"], "127.0.0.1", "[2001:db8::1]:7844"],
  [[], "edge", "edge:7844"],
])("of %s, seen from %s, connectors are told %s", (listen, host, address) => {
  expect(edgeAddress(listen, host)).toBe(address);
});

it("is a command that can be run as it stands", () => {
  expect(connectorCommand("office", ["0.0.0.0:7844"], "127.0.0.1")).toBe(
    "oneping connector run --token-file office.token --edge 127.0.0.1:7844",
  );
});
