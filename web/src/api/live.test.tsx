import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { concerns, type Live, useLive } from "./live";

const listeners = vi.hoisted(() => new Set<(name: string) => void>());
vi.mock("./events", () => ({
  listen: (listener: (name: string) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
}));

let root: HTMLElement;
let asked: string[];
let answers: (() => Response)[];
let live: Live<{ n: number }>;

function Show({ path, everyMs }: { path: string | null; everyMs?: number }) {
  live = useLive<{ n: number }>(path, { on: ["tunnel."], ...(everyMs ? { everyMs } : {}) });
  return null;
}
const happens = (name: string) => listeners.forEach((listener) => listener(name));
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms).then(() => {}));
const show = (tree: preact.ComponentChild) => act(() => render(tree, root));
const says = (n: number) => () => new Response(JSON.stringify({ n }));
const refuses = (status: number) => () => new Response(JSON.stringify({ detail: "no" }), { status });

beforeEach(() => {
  vi.useFakeTimers();
  root = document.createElement("div");
  asked = [];
  answers = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    return (answers.shift() ?? says(0))();
  });
});
afterEach(() => {
  act(() => render(null, root));
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks again, once, when something happens that concerns it", async () => {
  answers = [says(1), says(2)];
  await show(<Show path="/tunnels" />);
  expect(live.isLoading).toBe(true);
  await pass(0);
  expect(live).toMatchObject({ data: { n: 1 }, isLoading: false, problem: null });
  happens("route.create");
  await pass(1000);
  expect(asked.length).toBe(1);
  happens("tunnel.up");
  happens("tunnel.update");
  await pass(1000);
  expect(asked.length).toBe(2);
  expect(live.data).toEqual({ n: 2 });
  happens("gap");
  await pass(1000);
  expect(asked.length).toBe(3);
});

it("keeps what it had when it is refused, and says why", async () => {
  answers = [says(1), refuses(503)];
  await show(<Show path="/tunnels" everyMs={1000} />);
  await pass(0);
  await pass(1000);
  expect(live).toMatchObject({ data: { n: 1 }, problem: { status: 503, detail: "no" } });
  answers = [says(2)];
  await pass(1000);
  expect(live).toMatchObject({ data: { n: 2 }, problem: null });
});

it("lets go of what is gone", async () => {
  answers = [says(1), refuses(404)];
  await show(<Show path="/tunnels/a" />);
  await pass(0);
  happens("tunnel.delete");
  await pass(1000);
  expect(live).toMatchObject({ data: null, problem: { status: 404 } });
});

it("keeps a page until the next is there, but not another list", async () => {
  answers = [says(1), says(2), says(3)];
  await show(<Show path="/tunnels?after=1" />);
  await pass(0);
  await show(<Show path="/tunnels?after=2" />);
  expect(live.data).toEqual({ n: 1 });
  await pass(0);
  expect(live.data).toEqual({ n: 2 });
  await show(<Show path="/routes" />);
  expect(live.data).toBeNull();
  await pass(0);
  expect(live.data).toEqual({ n: 3 });
  await show(<Show path={null} />);
  expect(live).toMatchObject({ data: null, isLoading: false });
});

it("stops when nobody looks any more", async () => {
  await show(<Show path="/tunnels" everyMs={1000} />);
  await pass(0);
  await act(() => render(null, root));
  happens("tunnel.up");
  await pass(5000);
  expect(asked.length).toBe(1);
  expect(listeners.size).toBe(0);
});

it("knows what concerns it", () => {
  expect(concerns("tunnel.up", ["tunnel."])).toBe(true);
  expect(concerns("route.create", ["tunnel."])).toBe(false);
  expect(concerns("anything", [""])).toBe(true);
  expect(concerns("gap", [])).toBe(true);
});
