// Requests to the control API, with its refusals in its own words.

const ROOT = "/api/v1";

// RFC 9457. Status 0: nobody answered.
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly field: string | null = null,
  ) {
    super(detail);
    this.name = "Problem";
  }
}

const SILENCE = "The edge does not answer. Is it running, and can this browser reach it?";

// Called whenever the API says that it does not know who asks.
let onUnauthorized: (problem: Problem) => void = () => {};
export function whenUnauthorized(handler: (problem: Problem) => void): void {
  onUnauthorized = handler;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

// "/routes?within=10.0.0.0%2F8": what is empty is left out.
export function withQuery(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}

// A name or id as a part of a path.
export function part(name: string | number): string {
  return encodeURIComponent(String(name));
}

export async function problemOf(response: Response): Promise<Problem> {
  let detail = "";
  let field: string | null = null;
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null) {
      if ("detail" in body && typeof body.detail === "string") detail = body.detail;
      if ("field" in body && typeof body.field === "string") field = body.field;
    }
  } catch {
    // Not the API's own answer: a proxy's, perhaps.
  }
  return new Problem(response.status, detail || `The answer was ${response.status} without a reason.`, field);
}

export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(ROOT + path, { credentials: "same-origin", cache: "no-store", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, SILENCE);
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.status === 401 && path !== "/session") onUnauthorized(problem);
  throw problem;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await send(withQuery(path, query), signal ? { signal } : {});
  return (await response.json()) as T;
}

// Something that changes: by cookie it must be JSON even without a body.
async function change<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(path, {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (response.status === 204 ? undefined : await response.json()) as T;
}
export const post = <T>(path: string, body?: unknown): Promise<T> => change<T>("POST", path, body);
export const put = <T>(path: string, body?: unknown): Promise<T> => change<T>("PUT", path, body);
export const patch = <T>(path: string, body: unknown): Promise<T> => change<T>("PATCH", path, body);
export const remove = (path: string): Promise<void> => change<void>("DELETE", path);

// Whatever was thrown, as something to show.
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, error instanceof Error ? error.message : String(error));
}
