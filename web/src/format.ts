// Numbers and times as people read them.

export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (value < 1) return `${value.toFixed(2)} ms`;
  if (value < 100) return `${value.toFixed(1)} ms`;
  if (value < 10_000) return `${Math.round(value)} ms`;
  return `${(value / 1000).toFixed(1)} s`;
}

// 0.0123 is "1.2 %"; a loss that is there is never "0 %".
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "0 %";
  const percent = value * 100;
  if (percent < 0.1) return "< 0.1 %";
  return percent < 10 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

const UNITS: [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

// The two largest units: "3 d 4 h", "12 s".
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return "just now";
  const first = UNITS.findIndex(([size]) => ms >= size);
  const parts: string[] = [];
  let rest = ms;
  for (const [size, unit] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  return parts.join(" ");
}

export function count(value: number): string {
  return value.toLocaleString("en-GB").replace(/,/g, "\u202f");
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

// "2026-11-21 14:03:07", where the browser is.
export function dateTime(time: string | null | undefined): string {
  if (!time) return "–";
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, "0");
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  );
}

export function clockTime(time: string): string {
  return dateTime(time).slice(11);
}

// "5 min ago", "in 3 d".
export function relative(time: string | null | undefined, now = Date.now()): string {
  if (!time) return "never";
  const ms = now - new Date(time).getTime();
  if (Math.abs(ms) < 1000) return "just now";
  const largest = duration(Math.abs(ms)).split(" ").slice(0, 2).join(" ");
  return ms > 0 ? `${largest} ago` : `in ${largest}`;
}
