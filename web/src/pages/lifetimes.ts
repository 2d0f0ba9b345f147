// How long something that is made now is good.

export type Lifetime = "hour" | "day" | "week" | "quarter" | "year" | "forever";

export const LIFETIMES: readonly (readonly [Lifetime, string])[] = [
  ["hour", "An hour"],
  ["day", "A day"],
  ["week", "A week"],
  ["quarter", "90 days"],
  ["year", "A year"],
  ["forever", "Ever"],
];

const HOURS: Record<Exclude<Lifetime, "forever">, number> = {
  hour: 1,
  day: 24,
  week: 7 * 24,
  quarter: 90 * 24,
  year: 365 * 24,
};

// When it ends; null: never.
export function inTime(lifetime: Lifetime, now = Date.now()): string | null {
  return lifetime === "forever" ? null : new Date(now + HOURS[lifetime] * 3_600_000).toISOString();
}
