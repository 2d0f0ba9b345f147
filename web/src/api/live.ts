// What the API answers to one GET, kept true: asked for again when something happens that may change
// it, and now and then if it holds what no event tells of, as round trips.
import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";

import { asProblem, get, type Problem } from "./client";
import { listen } from "./events";

export interface Live<T> {
  data: T | null;
  problem: Problem | null; // of the last attempt; `data` is then older
  isLoading: boolean; // nothing is there yet
  reload(): Promise<void>;
}

export interface LiveOptions {
  // Beginnings of the names of events after which it may be otherwise: "tunnel."; "" is all of them.
  on?: readonly string[];
  everyMs?: number;
}

// Several events in a row are one change to look at.
const SETTLE_MS = 120;

export function concerns(name: string, beginnings: readonly string[]): boolean {
  return name === "gap" || beginnings.some((beginning) => name.startsWith(beginning));
}

// `path` null: nothing is asked for.
export function useLive<T>(path: string | null, { on = [], everyMs }: LiveOptions = {}): Live<T> {
  const data = useSignal<T | null>(null);
  const problem = useSignal<Problem | null>(null);
  const isLoading = useSignal(path !== null);
  const current = useRef<AbortController | null>(null);
  const beginnings = JSON.stringify(on);

  const load = useCallback(async () => {
    current.current?.abort();
    if (path === null) return;
    const controller = new AbortController();
    current.current = controller;
    try {
      const answer = await get<T>(path, {}, controller.signal);
      if (controller.signal.aborted) return;
      data.value = answer;
      problem.value = null;
    } catch (error) {
      if (controller.signal.aborted) return;
      problem.value = asProblem(error);
      if (problem.value.status === 404) data.value = null; // it is gone
    }
    isLoading.value = false;
  }, [path]);

  // Another page of the same list: the old one stays until the new one is there.
  const resource = path?.split("?")[0];
  const last = useRef(resource);
  useEffect(() => {
    if (last.current !== resource) data.value = null;
    last.current = resource;
    problem.value = null;
    isLoading.value = path !== null && data.value === null;
    void load();
    let settle: ReturnType<typeof setTimeout> | undefined;
    const names = JSON.parse(beginnings) as string[];
    const stop = listen((name) => {
      if (!concerns(name, names)) return;
      clearTimeout(settle);
      settle = setTimeout(() => void load(), SETTLE_MS);
    });
    const beat = everyMs
      ? setInterval(() => {
          if (!document.hidden) void load();
        }, everyMs)
      : undefined;
    return () => {
      stop();
      clearTimeout(settle);
      clearInterval(beat);
      current.current?.abort();
    };
  }, [load, beginnings, everyMs]);

  return {
    data: data.value,
    problem: problem.value,
    isLoading: isLoading.value,
    reload: load,
  };
}
