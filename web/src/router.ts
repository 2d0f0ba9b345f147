// Where in the page we are: "#/tunnels/office?tab=routes" is ["tunnels", "office"] and its query.
import { signal } from "@preact/signals";

export interface Place {
  path: string[];
  query: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const text = hash.replace(/^#\/?/, "");
  const [path = "", query = ""] = text.split("?", 2);
  return {
    path: path.split("/").filter(Boolean).map(decoded),
    query: new URLSearchParams(query),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const place = signal<Place>(parsePlace(location.hash));

function read(): void {
  place.value = parsePlace(location.hash);
}
addEventListener("hashchange", read);

// Another address without a step in the history.
export function replace(address: string): void {
  history.replaceState(null, "", address);
  read();
}

export function linkTo(...path: (string | number)[]): string {
  return "#/" + path.map((piece) => encodeURIComponent(String(piece))).join("/");
}

export function go(href: string): void {
  location.hash = href;
}

// The same place with another query, without a step in the history.
export function setQuery(changes: Record<string, string>): void {
  const query = new URLSearchParams(place.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  const path = linkTo(...place.value.path);
  replace(text === "" ? path : `${path}?${text}`);
}
