// Lists of the API, a page at a time: there may be a million entries.
import { useEffect, useState } from "preact/hooks";

import { type Query, withQuery } from "../api/client";
import { type Live, type LiveOptions, useLive } from "../api/live";
import type { Page } from "../api/types";
import { count } from "../format";
import { Button } from "./button";

export interface Pages<T> extends Live<Page<T>> {
  items: T[];
  number: number; // of the page, from 1
  size: number;
  next: (() => void) | null;
  previous: (() => void) | null;
}

export function usePages<T>(path: string, query: Query, options: LiveOptions & { size?: number } = {}): Pages<T> {
  const size = options.size ?? 100;
  // The cursors behind which each page up to this one begins.
  const [cursors, setCursors] = useState<string[]>([]);
  const filter = withQuery(path, query);
  useEffect(() => setCursors([]), [filter]);
  const after = cursors.at(-1) ?? null;
  const live = useLive<Page<T>>(withQuery(path, { ...query, limit: size, after }), options);
  const next = live.data?.next ?? null;
  return {
    ...live,
    items: live.data?.items ?? [],
    number: cursors.length + 1,
    size,
    next: next === null ? null : () => setCursors([...cursors, next]),
    previous: cursors.length === 0 ? null : () => setCursors(cursors.slice(0, -1)),
  };
}

// "101–200 of 10 000", with ways forth and back; nothing if all is on one page.
export function Pager<T>({ pages, total, what }: { pages: Pages<T>; total?: number | undefined; what: string }) {
  if (pages.next === null && pages.previous === null) return null;
  const first = (pages.number - 1) * pages.size + 1;
  const last = first + pages.items.length - 1;
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      <Button icon="left" disabled={pages.previous === null} onClick={() => pages.previous?.()}>
        Previous
      </Button>
      <span role="status">
        {count(first)}–{count(last)}
        {total !== undefined && ` of ${count(total)}`}
      </span>
      <Button icon="right" disabled={pages.next === null} onClick={() => pages.next?.()}>
        Next
      </Button>
    </nav>
  );
}
