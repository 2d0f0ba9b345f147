import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Problem } from "./client";
import { Stream, type StreamEvent, type StreamState } from "./stream";

// An edge that answers each request with the next of these: pieces of a stream, which then ends or
// stays open, or a refusal.
interface Script {
  pieces?: string[];
  stays?: boolean;
  status?: number;
  detail?: string;
  isDown?: boolean;
}

let requests: RequestInit[] = [];

function edge(...scripts: Script[]) {
  requests = [];
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    requests.push(init);
    const script = scripts.shift() ?? { isDown: true };
    if (script.isDown) throw new TypeError("Failed to fetch");
    if (script.status) return new Response(JSON.stringify({ detail: script.detail }), { status: script.status });
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of script.pieces ?? []) controller.enqueue(new TextEncoder().encode(piece));
        if (!script.stays) controller.close();
        else init.signal!.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
      },
    });
    return new Response(body, { status: 200 });
  });
}

function watch(endsItself = false) {
  const events: StreamEvent[] = [];
  const states: [StreamState, Problem | null][] = [];
  const stream = new Stream(
    "/events",
    { onEvent: (event) => events.push(event), onState: (state, problem) => states.push([state, problem]) },
    endsItself,
  );
  return { stream, events, states };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a stream", () => {
  it("tells events, however they are cut", async () => {
    edge({
      pieces: [": listening\n\n", "id: 7\neve", 'nt: tunnel.up\ndata: {"object": "bü', 'ro"}\n', "\n", "event: gap\ndata: {}\n\nda"],
      stays: true,
    });
    const { stream, events } = watch();
    stream.open();
    await settle();
    expect(events).toEqual([
      { name: "tunnel.up", data: { object: "büro" } },
      { name: "gap", data: {} },
    ]);
    stream.close();
  });

  it("goes on after the last event that was seen", async () => {
    edge({ pieces: ["id: 7\ndata: 1\n\n"] }, { pieces: ["id: 8\ndata: 2\n\n"], stays: true });
    const { stream, events, states } = watch();
    stream.open();
    await settle();
    expect(states.at(-1)).toEqual(["waiting", null]);
    await vi.advanceTimersByTimeAsync(500);
    expect(requests[0]!.headers).not.toHaveProperty("Last-Event-ID");
    expect(requests[1]!.headers).toMatchObject({ "Last-Event-ID": "7" });
    expect(events.map((event) => event.data)).toEqual([1, 2]);
    stream.close();
  });

  it("waits longer and longer for an edge that is down", async () => {
    edge();
    const { stream, states } = watch();
    stream.open();
    await settle();
    expect(states.at(-1)![1]!.detail).toContain("does not answer");
    for (const [after, tries] of [
      [499, 1],
      [1, 2],
      [999, 2],
      [1, 3],
      [120_000, 13],
    ] as const) {
      await vi.advanceTimersByTimeAsync(after);
      expect(requests.length).toBe(tries);
    }
    stream.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests.length).toBe(13);
  });

  it("tries again when there are too many listeners, and not when it is refused", async () => {
    edge({ status: 503, detail: "there are 16 listeners" }, { status: 403, detail: "you may not" });
    const { stream, states } = watch();
    stream.open();
    await settle();
    expect(states.at(-1)).toMatchObject(["waiting", { detail: "there are 16 listeners" }]);
    await vi.advanceTimersByTimeAsync(500);
    expect(states.at(-1)).toMatchObject(["closed", { detail: "you may not" }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests.length).toBe(2);
  });

  it("takes a connection that is silent for dead", async () => {
    edge({ pieces: [": listening\n\n"], stays: true }, { stays: true });
    const { stream } = watch();
    stream.open();
    await vi.advanceTimersByTimeAsync(39_000);
    expect(requests.length).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(requests.length).toBe(2);
    stream.close();
  });

  it("is over when it ends, if it ends itself", async () => {
    edge({ pieces: ["data: 1\n\n"] });
    const { stream, events, states } = watch(true);
    stream.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(events.length).toBe(1);
    expect(states.at(-1)).toEqual(["closed", null]);
    expect(requests.length).toBe(1);
  });

  it("can be closed and opened again", async () => {
    edge({ pieces: ["id: 3\ndata: 1\n\n"], stays: true }, { pieces: ["data: 2\n\n"], stays: true });
    const { stream, events } = watch();
    stream.open();
    stream.open();
    await settle();
    stream.close();
    await settle();
    stream.open();
    await settle();
    expect(requests.length).toBe(2);
    expect(requests[1]!.headers).toMatchObject({ "Last-Event-ID": "3" });
    expect(events.map((event) => event.data)).toEqual([1, 2]);
    stream.close();
  });

  it("survives what is no JSON", async () => {
    edge({ pieces: ["data: {broken\n\n"], stays: true });
    const { stream, events } = watch();
    stream.open();
    await settle();
    expect(events).toEqual([{ name: "message", data: null }]);
    stream.close();
  });
});
