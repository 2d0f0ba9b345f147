// Streams whose events a test chooses, in the place of the edge's.
//
// /flows has verdicts only where packets flow, which is in the lab (e2e/lab). /path is the contract of
// docs/api.md; the edge of this test need not serve it. Both are asked of the real edge in the lab.
import type { Page } from "playwright-core";

import type { Flow, PathHop, PathPing, PathVerdict } from "../src/api/types";

declare global {
  interface Window {
    fakeStreams: Record<string, { asked: string[]; text: string; send: ((text: string) => void) | null }>;
  }
}

// Before the page is opened: requests that begin so are answered here.
export async function fakeStreams(page: Page, ...paths: string[]): Promise<void> {
  await page.addInitScript((paths) => {
    window.fakeStreams = {};
    for (const path of paths) window.fakeStreams[path] = { asked: [], text: "", send: null };
    const real = window.fetch;
    window.fetch = async (input, init) => {
      const asked = String(input);
      const path = paths.find((known) => asked.startsWith(`/api/v1${known}`));
      if (path === undefined) return real(input, init);
      const fake = window.fakeStreams[path]!;
      fake.asked.push(asked);
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          fake.send = (text) => controller.enqueue(encoder.encode(text));
          if (fake.text !== "") fake.send(fake.text);
          init?.signal?.addEventListener("abort", () => controller.error(new DOMException("", "AbortError")));
        },
      });
      return new Response(body, { status: 200, headers: { "Content-Type": "text/event-stream" } });
    };
  }, paths);
}

export async function send(page: Page, path: string, events: readonly { name: string; data: unknown }[]): Promise<void> {
  const text = events.map(({ name, data }) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join("");
  await page.waitForFunction((path) => window.fakeStreams[path]!.send !== null, path);
  await page.evaluate(([path, text]) => window.fakeStreams[path!]!.send!(text!), [path, text]);
}

export async function askedFor(page: Page, path: string): Promise<string[]> {
  return page.evaluate((path) => window.fakeStreams[path]!.asked, path);
}

// Answers that look like the lab's.
export const REACHABLE: PathVerdict = {
  reachable: true,
  verdict: "172.16.10.120 answers, three hops away, by way of tunnel lab.",
  fix: null,
  cause: "reachable",
  evidence: [
    { check: "policy", outcome: "ok", detail: "The default allows it: no policy matches." },
    { check: "route", outcome: "ok", detail: "172.16.10.0/24 leads into tunnel lab." },
    { check: "tunnel", outcome: "ok", detail: "Tunnel lab is healthy, with 4 connections." },
    { check: "ping", outcome: "ok", detail: "The connector may open ping sockets." },
    { check: "echo", outcome: "ok", detail: "5 of 5 echo requests were answered." },
    { check: "path MTU", outcome: "ok", detail: "1280 bytes pass." },
  ],
  legs: { device_edge_ms: 8.2, edge_connector_ms: 3.1, connector_host_ms: 0.6 },
};
export const DENIED: PathVerdict = {
  reachable: false,
  verdict: "Policy no-finance denies it: nothing is sent to 10.20.30.40.",
  fix: "Let the device’s user leave group guests, or change policy no-finance.",
  cause: "policy",
  evidence: [
    { check: "policy", outcome: "bad", detail: "no-finance, at place 1, denies group guests 10.20.0.0/16." },
    { check: "route", outcome: "ok", detail: "10.20.0.0/16 leads into tunnel lab." },
    { check: "echo", outcome: "unknown", detail: "It was not tried." },
  ],
  legs: { device_edge_ms: 8.2, edge_connector_ms: null, connector_host_ms: null },
};

const HOPS: [PathHop["role"], string | null, string | null, number, number][] = [
  ["edge", "172.68.101.57", "fra1", 8.2, 0],
  ["connector", "172.16.10.100", "office", 11.3, 0],
  ["router", "10.20.0.1", null, 11.8, 0],
  ["router", null, null, 0, 12],
  ["destination", "172.16.10.120", "origin.example.net", 12.4, 1],
];
export function hops(sent = 12): { name: string; data: PathHop }[] {
  return HOPS.map(([role, address, name, ms, lost], place) => ({
    name: "hop",
    data: {
      ttl: place + 1,
      address,
      name,
      role,
      sent,
      lost: Math.min(lost, sent),
      last_ms: address === null ? null : ms + 0.2,
      best_ms: address === null ? null : ms - 0.7,
      avg_ms: address === null ? null : ms,
      worst_ms: address === null ? null : ms + 3.9,
      jitter_ms: address === null ? null : 0.4,
    },
  }));
}

export function pings(count: number): { name: string; data: PathPing }[] {
  return Array.from({ length: count }, (_, sequence) => ({
    name: "ping",
    data:
      sequence % 17 === 11
        ? { sequence, rtt_ms: null, error: "no answer" }
        : { sequence, rtt_ms: 12.4 + 1.8 * Math.sin(sequence / 3) + (sequence % 5) * 0.4, error: null },
  }));
}

export function flows(count: number): { name: string; data: Flow }[] {
  const begun = Date.parse("2026-11-21T14:00:00Z");
  return Array.from({ length: count }, (_, i) => {
    const isDenied = i % 6 === 4;
    const isUdp = i % 4 === 3;
    return {
      name: "flow",
      data: {
        time: new Date(begun + i * 730).toISOString(),
        device: ["laptop", "phone", "build-7"][i % 3]!,
        user: ["alice", "bob", null][i % 3]!,
        from: i % 5 === 2 ? "fd00:100:96::7" : `100.96.0.${7 + (i % 3)}`,
        to: isDenied ? "10.20.30.40" : i % 5 === 2 ? "fd00:172:16:10::120" : `172.16.10.${100 + (i % 40)}`,
        protocol: isUdp ? ("udp" as const) : ("icmp" as const),
        ...(isUdp ? { port: 53 } : {}),
        verdict: isDenied ? ("deny" as const) : ("allow" as const),
        rule: isDenied ? "no-finance" : i % 3 === 0 ? "staff-ping" : "default",
        tunnel: isDenied ? null : "office",
      },
    };
  });
}
