// What the page says: that something is refused, that there is nothing, that something is done.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { asProblem, type Problem } from "../api/client";
import { Button } from "./button";

// The API's own words, beside what they are about.
export function ProblemNotice({ problem, onRetry }: { problem: Problem | null; onRetry?: () => unknown }) {
  if (problem === null) return null;
  return (
    <div class="notice bad" role="alert">
      <p>{problem.detail}</p>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <div>{children}</div>}
    </div>
  );
}

export function Loading() {
  return (
    <p class="loading" role="status">
      Loading…
    </p>
  );
}

interface Toast {
  id: number;
  text: string;
  isBad: boolean;
}

const toasts = signal<Toast[]>([]);
const TOAST_MS = 5000;
let lastToast = 0;

function show(text: string, isBad: boolean): void {
  const id = ++lastToast;
  toasts.value = [...toasts.value.slice(-2), { id, text, isBad }];
  setTimeout(() => {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }, isBad ? TOAST_MS * 2 : TOAST_MS);
}

export const done = (text: string): void => show(text, false);
export const failed = (error: unknown): void => show(asProblem(error).detail, true);

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <p key={toast.id} class={toast.isBad ? "toast bad" : "toast"}>
          {toast.text}
        </p>
      ))}
    </div>
  );
}
