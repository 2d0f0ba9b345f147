// What happens at the edge, by one stream for the whole page (GET /events).
import { signal } from "@preact/signals";

import type { Problem } from "./client";
import { Stream, type StreamState } from "./stream";

export type Listener = (name: string) => void;

// Nobody looks at a page in the background: after this time it lets go of its place at the edge, of
// which there are few, and of its connections, of which a browser has six for all of its windows.
const HIDDEN_MS = 30_000;

export const liveState = signal<StreamState>("closed");
export const liveProblem = signal<Problem | null>(null);

const listeners = new Set<Listener>();
let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
let wasOpen = false;

function tell(name: string): void {
  for (const listener of [...listeners]) listener(name);
}

const stream = new Stream("/events", {
  onEvent: (event) => tell(event.name),
  onState: (state, problem) => {
    liveState.value = state;
    liveProblem.value = problem;
    // Whoever comes late or comes back may have missed something.
    if (state === "open") {
      if (wasOpen) tell("gap");
      wasOpen = true;
    }
  },
});

function onVisibility(): void {
  clearTimeout(hiddenTimer);
  if (document.hidden) {
    hiddenTimer = setTimeout(() => stream.close(), HIDDEN_MS);
  } else {
    stream.open();
  }
}

export function startEvents(): void {
  document.addEventListener("visibilitychange", onVisibility);
  stream.open();
}

export function stopEvents(): void {
  document.removeEventListener("visibilitychange", onVisibility);
  clearTimeout(hiddenTimer);
  stream.close();
  wasOpen = false;
}

// `listener` hears the names of events: "tunnel.up", and "gap" when some may have been missed.
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
