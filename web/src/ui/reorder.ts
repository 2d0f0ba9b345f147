// Putting a list into another order, without a screen.

// The list with the entry at `from` put at `to`.
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const result = [...list];
  const [entry] = result.splice(from, 1);
  if (entry !== undefined) result.splice(Math.max(0, Math.min(to, result.length)), 0, entry);
  return result;
}

export interface Span {
  top: number;
  bottom: number;
}

// Where an entry belongs that is dragged to the height `y`, among the places of the list as it is:
// past the middle of another's place.
export function placeAt(y: number, spans: readonly Span[], from: number): number {
  let place = from;
  while (place > 0 && y < middle(spans[place - 1]!)) place -= 1;
  while (place < spans.length - 1 && y > middle(spans[place + 1]!)) place += 1;
  return place;
}

function middle(span: Span): number {
  return (span.top + span.bottom) / 2;
}
