// A server-sent event stream. Read with fetch and not with EventSource, which neither tells why a
// stream is refused nor lets one that was closed be resumed later.
import { createParser } from "eventsource-parser";

import { asProblem, Problem, send } from "./client";

export interface StreamEvent {
  name: string;
  data: unknown;
}
export type StreamState = "connecting" | "open" | "waiting" | "closed";

export interface StreamHandlers {
  onEvent(event: StreamEvent): void;
  // `problem`: why it waits or is closed. One that came to its end has none.
  onState?(state: StreamState, problem: Problem | null): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
// The edge sends a comment every 15 s: after this long a connection is dead, whatever it says.
const SILENCE_MS = 40_000;

// Refused for good: trying again changes nothing.
function isFinal(problem: Problem): boolean {
  return problem.status >= 400 && problem.status < 500 && problem.status !== 408 && problem.status !== 429;
}

// Opens the stream and keeps it open, after the last event that was seen, until close(). One that
// `endsItself` is not opened again when it ends.
export class Stream {
  private controller: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastId = "";
  private wait = FIRST_WAIT_MS;
  private closed = true;

  constructor(
    private readonly path: string,
    private readonly handlers: StreamHandlers,
    private readonly endsItself = false,
  ) {}

  open(): void {
    if (!this.closed) return;
    this.closed = false;
    this.wait = FIRST_WAIT_MS;
    void this.run();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    this.controller?.abort();
    this.handlers.onState?.("closed", null);
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      let problem: Problem | null = null;
      try {
        await this.read();
      } catch (error) {
        if (this.closed) return;
        problem = asProblem(error);
      }
      if (this.closed) return;
      if (this.endsItself || (problem !== null && isFinal(problem))) {
        this.closed = true;
        this.handlers.onState?.("closed", problem);
        return;
      }
      this.handlers.onState?.("waiting", problem);
      await new Promise((resolve) => (this.timer = setTimeout(resolve, this.wait)));
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    }
  }

  private async read(): Promise<void> {
    this.handlers.onState?.("connecting", null);
    const controller = new AbortController();
    this.controller = controller;
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (this.lastId !== "") headers["Last-Event-ID"] = this.lastId;
    const response = await send(this.path, { headers, signal: controller.signal });
    this.wait = FIRST_WAIT_MS;
    this.handlers.onState?.("open", null);
    const parser = createParser({
      onEvent: (event) => {
        if (event.id !== undefined) this.lastId = event.id;
        this.handlers.onEvent({ name: event.event ?? "message", data: parsed(event.data) });
      },
    });
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => controller.abort(), SILENCE_MS);
    };
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (heard(); ; heard()) {
        const { done, value } = await reader.read();
        if (done) return;
        parser.feed(value);
      }
    } finally {
      clearTimeout(silence);
      controller.abort();
    }
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
