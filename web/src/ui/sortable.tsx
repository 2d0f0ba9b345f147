// A list whose order people change: by dragging an entry's handle, with a mouse or a finger, or with
// the keyboard alone: Space takes the entry, arrows move it, Space puts it down, Escape puts it back.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { Icon } from "./icon";
import { moved, placeAt } from "./reorder";

interface Grabbed {
  key: number;
  by: "pointer" | "keyboard";
  from: number; // its place when it was taken
}

export interface SortableProps<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => number;
  nameOf: (item: T) => string;
  render: (item: T) => ComponentChildren;
  classOf: (item: T) => string;
  canMove: boolean;
  // Put `item` at the place where `other` is now. The new order shows until this is done.
  onMove: (item: T, other: T) => Promise<void>;
}

export function Sortable<T>({ label, items, keyOf, nameOf, render, classOf, canMove, onMove }: SortableProps<T>) {
  const [order, setOrder] = useState<readonly T[] | null>(null); // while it is not as the API has it
  const [grabbed, setGrabbed] = useState<Grabbed | null>(null);
  const [words, setWords] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const handles = useRef(new Map<number, HTMLButtonElement>());
  const help = useId();
  const shown = order ?? items;
  const placeOf = (key: number) => shown.findIndex((item) => keyOf(item) === key);
  // What the listeners of a drag that lasts must see.
  const latest = useRef({ shown, grabbed });
  latest.current = { shown, grabbed };

  // Moving an element in the page takes the focus from it.
  useLayoutEffect(() => {
    if (grabbed?.by === "keyboard") handles.current.get(grabbed.key)?.focus();
  }, [order, grabbed]);

  const say = (item: T, what: string, place: number) => setWords(`${nameOf(item)}: ${what}, place ${place + 1} of ${items.length}.`);

  const grab = (item: T, by: Grabbed["by"]) => {
    const from = placeOf(keyOf(item));
    setOrder(shown);
    setGrabbed({ key: keyOf(item), by, from });
    say(item, "taken", from);
  };
  const moveTo = (key: number, to: number) => {
    const { shown: now } = latest.current;
    const from = now.findIndex((item) => keyOf(item) === key);
    if (from < 0 || from === to || to < 0 || to >= now.length) return;
    setOrder(moved(now, from, to));
    say(now[from]!, "moved", to);
  };
  const cancel = () => {
    const held = latest.current.grabbed;
    if (held === null) return;
    setGrabbed(null);
    setOrder(null);
    const item = items.find((other) => keyOf(other) === held.key);
    if (item !== undefined) say(item, "put back", held.from);
  };
  const drop = async () => {
    const { grabbed: held, shown: now } = latest.current;
    if (held === null) return;
    setGrabbed(null);
    const to = now.findIndex((item) => keyOf(item) === held.key);
    const item = now[to];
    const other = items[to];
    if (item === undefined || other === undefined) return setOrder(null);
    say(item, "put down", to);
    if (to !== held.from) await onMove(item, other);
    setOrder(null);
  };

  useEffect(() => {
    if (grabbed?.by !== "pointer") return;
    const onPointerMove = (event: PointerEvent) => {
      event.preventDefault();
      const spans = [...list.current!.children].map((child) => child.getBoundingClientRect());
      const from = latest.current.shown.findIndex((item) => keyOf(item) === grabbed.key);
      moveTo(grabbed.key, placeAt(event.clientY, spans, from));
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") cancel();
    };
    const onUp = () => void drop();
    document.addEventListener("pointermove", onPointerMove);
    document.addEventListener("pointerup", onUp);
    document.addEventListener("pointercancel", cancel);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointermove", onPointerMove);
      document.removeEventListener("pointerup", onUp);
      document.removeEventListener("pointercancel", cancel);
      document.removeEventListener("keydown", onKey);
    };
  }, [grabbed]);

  const onKeyDown = (event: KeyboardEvent, item: T) => {
    const isHeld = grabbed?.key === keyOf(item);
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (isHeld) void drop();
      else grab(item, "keyboard");
    } else if (isHeld && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      moveTo(keyOf(item), placeOf(keyOf(item)) + (event.key === "ArrowUp" ? -1 : 1));
    } else if (isHeld && event.key === "Escape") {
      event.preventDefault();
      cancel();
    }
  };
  const onBlur = (item: T) => {
    setTimeout(() => {
      const held = latest.current.grabbed;
      const handle = handles.current.get(keyOf(item));
      if (held?.by === "keyboard" && held.key === keyOf(item) && document.activeElement !== handle) cancel();
    });
  };

  return (
    <>
      <p class="hidden" id={help}>
        Space takes it, the arrow keys move it, Space puts it down, Escape puts it back.
      </p>
      <ol class={grabbed ? "sortable is-moving" : "sortable"} ref={list} aria-label={label}>
        {shown.map((item) => {
          const key = keyOf(item);
          return (
            <li key={key} class={`${classOf(item)} ${grabbed?.key === key ? "is-held" : ""}`}>
              {canMove && (
                <button
                  type="button"
                  class="handle"
                  ref={(element) => {
                    if (element) handles.current.set(key, element);
                    else handles.current.delete(key);
                  }}
                  aria-label={`Move ${nameOf(item)}`}
                  aria-describedby={help}
                  aria-pressed={grabbed?.key === key}
                  onPointerDown={(event) => {
                    if (event.button !== 0 || grabbed) return;
                    event.preventDefault();
                    grab(item, "pointer");
                  }}
                  onKeyDown={(event) => onKeyDown(event, item)}
                  onBlur={() => onBlur(item)}
                >
                  <Icon name="grip" />
                </button>
              )}
              {render(item)}
            </li>
          );
        })}
      </ol>
      <p class="hidden" role="status" aria-live="assertive">
        {words}
      </p>
    </>
  );
}
