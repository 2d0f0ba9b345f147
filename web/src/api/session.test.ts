import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { asProblem } from "./client";
import { caller, resume, signIn, signInProblem, signOut, takeLink } from "./session";

vi.mock("./events", () => ({ startEvents: vi.fn(), stopEvents: vi.fn() }));

const WHO = { actor: "token ci", role: "admin", session: null };
let asked: { method: string; path: string; body: unknown }[];
let answers: Response[];

const says = (body: unknown, status = 200) => new Response(status === 204 ? null : JSON.stringify(body), { status });

beforeEach(() => {
  asked = [];
  answers = [];
  caller.value = undefined;
  signInProblem.value = null;
  history.replaceState(null, "", "/");
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push({ method: init.method ?? "GET", path, body: init.body ? JSON.parse(init.body as string) : null });
    return answers.shift()!;
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("a one-time link", () => {
  it("is taken out of the address at once", () => {
    history.replaceState(null, "", "/#link=opl_abc-_1");
    expect(takeLink()).toBe("opl_abc-_1");
    expect(location.hash).toBe("");
    expect(takeLink()).toBeNull();
  });
  it("is no place of the page", () => {
    history.replaceState(null, "", "/#/tunnels?link=opl_x");
    expect(takeLink()).toBeNull();
    expect(location.hash).toBe("#/tunnels?link=opl_x");
  });
  it("signs in", async () => {
    history.replaceState(null, "", "/#link=opl_abc");
    answers = [says(WHO, 201)];
    await resume();
    expect(asked).toEqual([{ method: "POST", path: "/api/v1/session", body: { link: "opl_abc" } }]);
    expect(caller.value).toEqual(WHO);
  });
  it("that is used up says so", async () => {
    history.replaceState(null, "", "/#link=opl_abc");
    answers = [says({ detail: "this link is used up" }, 401)];
    await resume();
    expect(caller.value).toBeNull();
    expect(signInProblem.value?.detail).toBe("this link is used up");
  });
});

it("goes on with the session of before", async () => {
  answers = [says(WHO)];
  await resume();
  expect(caller.value).toEqual(WHO);
});

it("says nothing to who comes for the first time", async () => {
  answers = [says({ detail: "an API token is needed" }, 401)];
  await resume();
  expect(caller.value).toBeNull();
  expect(signInProblem.value).toBeNull();
});

it("says why a wrong token is none", async () => {
  answers = [says({ detail: "not known here", field: "token" }, 401)];
  const problem = await signIn("opa_x").catch(asProblem);
  expect(problem).toMatchObject({ detail: "not known here" });
  expect(caller.value).toBeUndefined();
});

it("signs out, although the session is over already", async () => {
  caller.value = WHO as never;
  answers = [says({ detail: "over" }, 401)];
  await signOut();
  expect(caller.value).toBeNull();
});
