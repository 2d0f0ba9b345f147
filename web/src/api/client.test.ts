import { afterEach, describe, expect, it, vi } from "vitest";

import { get, part, patch, post, Problem, remove, whenUnauthorized, withQuery } from "./client";

function answer(status: number, body: unknown, type = "application/json"): Response {
  return new Response(body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "Content-Type": type },
  });
}

function edge(...answers: (Response | Error)[]) {
  const fetch = vi.fn(async (_path: string, _init?: RequestInit) => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next!;
  });
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

afterEach(() => {
  vi.unstubAllGlobals();
  whenUnauthorized(() => {});
});

async function refusal(request: Promise<unknown>): Promise<Problem> {
  try {
    await request;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a request", () => {
  it("reads what is answered", async () => {
    const fetch = edge(answer(200, { name: "fra1" }));
    expect(await get("/status")).toEqual({ name: "fra1" });
    expect(fetch.mock.calls[0]![0]).toBe("/api/v1/status");
    expect(fetch.mock.calls[0]![1]).toMatchObject({ credentials: "same-origin", cache: "no-store" });
  });

  it("that changes something is JSON, even without a body", async () => {
    const fetch = edge(answer(204, undefined), answer(200, {}), answer(201, {}));
    await remove("/users/1");
    await patch("/users/1", { comment: "x" });
    await post("/tunnels/1/token");
    for (const [, init] of fetch.mock.calls) {
      expect(init!.headers).toEqual({ "Content-Type": "application/json" });
    }
    expect(fetch.mock.calls.map(([, init]) => init!.method)).toEqual(["DELETE", "PATCH", "POST"]);
    expect(fetch.mock.calls[0]![1]!.body).toBeUndefined();
    expect(fetch.mock.calls[1]![1]!.body).toBe('{"comment":"x"}');
  });

  it("is refused in the API's own words", async () => {
    edge(answer(409, { detail: "there is a user \"a\" already", field: "name" }, "application/problem+json"));
    const problem = await refusal(post("/users", { name: "a" }));
    expect(problem).toMatchObject({ status: 409, detail: 'there is a user "a" already', field: "name" });
  });

  it("is refused by somebody else, in no words of the API", async () => {
    edge(answer(502, "<h1>Bad Gateway</h1>", "text/html"));
    expect(await refusal(get("/status"))).toMatchObject({ status: 502, field: null });
  });

  it("that nobody answers says so", async () => {
    edge(new TypeError("Failed to fetch"));
    const problem = await refusal(get("/status"));
    expect(problem.status).toBe(0);
    expect(problem.detail).toContain("does not answer");
  });

  it("of nobody ends the session, but asking who it is does not", async () => {
    const heard = vi.fn();
    whenUnauthorized(heard);
    edge(answer(401, { detail: "your session is over" }), answer(401, { detail: "no" }));
    await refusal(get("/tunnels"));
    expect(heard).toHaveBeenCalledOnce();
    await refusal(get("/session"));
    expect(heard).toHaveBeenCalledOnce();
  });
});

it("a query leaves out what is empty", () => {
  expect(withQuery("/flows", { to: "10.0.0.0/8", user: "", port: undefined, from: null, limit: 0 })).toBe(
    "/flows?to=10.0.0.0%2F8&limit=0",
  );
  expect(withQuery("/flows", {})).toBe("/flows");
});

it("a name is no more than a part of a path", () => {
  expect(part("../api-tokens?x#y")).toBe("..%2Fapi-tokens%3Fx%23y");
});
