// How something is: by colour, by shape and by word, for no one of them reaches everybody.
import type { ComponentChildren } from "preact";

export type Tone = "good" | "fair" | "bad" | "off" | "info";

// A shape for each tone: disc, triangle, square, ring, diamond.
const SHAPES: Record<Tone, string> = {
  good: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Z",
  fair: "M8 2 14.5 13.5h-13Z",
  bad: "M3 3h10v10H3Z",
  off: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 2.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6Z",
  info: "M8 1.5 14.5 8 8 14.5 1.5 8Z",
};

export function Status({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`status ${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path d={SHAPES[tone]} fill-rule="evenodd" />
      </svg>
      <span>{children}</span>
    </span>
  );
}

const TONES: Record<string, Tone> = {
  healthy: "good",
  degraded: "fair",
  down: "bad",
  inactive: "off",
  ready: "good",
  silent: "bad",
  draining: "fair",
  available: "good",
  unavailable: "bad",
  unknown: "off",
  allow: "good",
  deny: "bad",
  active: "good",
  waiting: "fair",
  over: "off",
  valid: "good",
  used: "off",
  expired: "off",
  revoked: "bad",
  ok: "good",
};

// A word of the API with its tone.
export function StatusWord({ word }: { word: string }) {
  return <Status tone={TONES[word] ?? "info"}>{word}</Status>;
}
