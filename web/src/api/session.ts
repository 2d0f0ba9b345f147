// Who is signed in here.
import { computed, signal } from "@preact/signals";

import { replace } from "../router";
import { asProblem, get, post, Problem, remove, whenUnauthorized } from "./client";
import { startEvents, stopEvents } from "./events";
import type { Caller } from "./types";

// undefined: not known yet; null: nobody.
export const caller = signal<Caller | null | undefined>(undefined);
// Why nobody is, if there is something to say about it.
export const signInProblem = signal<Problem | null>(null);
export const isAdmin = computed(() => caller.value?.role === "admin");

function enter(who: Caller): void {
  caller.value = who;
  signInProblem.value = null;
  startEvents();
}

function leave(problem: Problem | null): void {
  stopEvents();
  caller.value = null;
  signInProblem.value = problem;
}

// At the start: by a one-time link in the address, or by the session of before.
export async function resume(): Promise<void> {
  whenUnauthorized((problem) => {
    if (caller.value) leave(problem);
  });
  const link = takeLink();
  try {
    if (link !== null) {
      enter(await post<Caller>("/session", { link }));
    } else {
      enter(await get<Caller>("/session"));
    }
  } catch (error) {
    const problem = asProblem(error);
    // Nobody has signed in yet: that is nothing to complain of.
    leave(link === null && problem.status === 401 ? null : problem);
  }
}

export async function signIn(token: string): Promise<void> {
  enter(await post<Caller>("/session", { token }));
}

export async function signOut(): Promise<void> {
  try {
    await remove("/session");
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status !== 401) throw problem;
  }
  leave(null);
}

// The link's secret is taken out of the address at once, so that it is in no history.
export function takeLink(): string | null {
  const match = /^#link=([\w-]+)$/.exec(location.hash);
  if (match === null) return null;
  replace(location.pathname);
  return match[1] ?? null;
}
