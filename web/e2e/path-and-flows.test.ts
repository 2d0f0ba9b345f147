// The two pages that live by a stream of their own, with streams that the test makes.
import { type Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { launch, open, type Window } from "./browser";
import { Edge } from "./edge";
import { askedFor, DENIED, fakeStreams, flows, hops, pings, REACHABLE, send } from "./fake-stream";

let edge: Edge;
let browser: Browser;
let window: Window;

beforeAll(async () => {
  edge = new Edge();
  await edge.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await edge?.end();
});
beforeEach(async () => {
  window = await open(browser, edge.address);
  await fakeStreams(window.page, "/path", "/flows");
  await window.page.goto(edge.link());
  await window.page.getByRole("heading", { name: "Tunnels", level: 1 }).waitFor();
});
afterEach(async () => {
  await window.context.close();
  expect(window.faults).toEqual([]);
});

const row = (name: RegExp) => window.page.getByRole("row", { name });

describe("the path", () => {
  it("is looked along from a device, hop by hop, with the verdict above", async () => {
    const { page } = window;
    await page.goto("/#/path?from=laptop");
    await page.getByLabel("Destination").fill("172.16.10.120:53");
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await page.getByText("Looking…").waitFor();
    expect((await askedFor(page, "/path"))[0]).toMatch(/^\/api\/v1\/path\?to=172.16.10.120&from=laptop&port=53/);
    await send(page, "/path", [{ name: "verdict", data: REACHABLE }, ...hops(1), ...pings(3)]);
    await page.getByText("Reachable", { exact: true }).waitFor();
    await page.getByText(REACHABLE.verdict).waitFor();
    await row(/1 edge 172\.68\.101\.57/).waitFor();
    await row(/2 connector 172\.16\.10\.100/).waitFor();
    await row(/5 destination 172\.16\.10\.120/).waitFor();
    await page.getByText("edge – connector").waitFor();
    expect(await page.locator(".verdict").evaluate((verdict) => verdict.compareDocumentPosition(document.querySelector("table")!) & 4)).toBe(4);
    // Newer replaces older.
    await send(page, "/path", [...hops(12), { name: "verdict", data: DENIED }, ...pings(40)]);
    await page.getByText("Not reachable").waitFor();
    await page.getByText(DENIED.fix!).waitFor();
    await page.getByText("no-finance, at place 1, denies").waitFor();
    expect(await page.locator("table tbody tr").count()).toBe(5);
    await row(/4 router does not answer 100 %/).waitFor();
    await page.getByRole("img", { name: /^Latency over 40 pings: .* 2 lost$/ }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Look", exact: true }).waitFor();
    await row(/1 edge/).waitFor(); // stays to be read
  });

  it("says in the edge's own words why it is not looked along", async () => {
    const { page } = window;
    await page.addInitScript(() => {
      const before = globalThis.fetch;
      globalThis.fetch = async (input, init) =>
        String(input).startsWith("/api/v1/path")
          ? new Response(JSON.stringify({ detail: 'the name "nowhere" is not known', field: "to" }), { status: 422 })
          : before(input, init);
    });
    await page.goto("/?again#/path");
    await page.getByLabel("Destination").fill("nowhere");
    await page.keyboard.press("Enter");
    await page.getByText('the name "nowhere" is not known').waitFor();
  });
});

describe("flows", () => {
  it("come live, pause, and filter", async () => {
    const { page } = window;
    await page.goto("/#/flows");
    await send(page, "/flows", flows(6));
    await row(/deny build-7|deny/).first().waitFor();
    const rows = page.locator("tbody tr");
    expect(await rows.count()).toBe(6);
    expect(await rows.first().textContent()).toContain("allow");
    await page.getByRole("button", { name: "Pause" }).click();
    await send(page, "/flows", [...flows(3), { name: "left-out", data: { count: 1234 } }]);
    await page.getByText("Paused, 3 waiting").waitFor();
    await page.getByText("1\u202f234 verdicts left out").waitFor();
    expect(await rows.count()).toBe(6);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("Live").first().waitFor();
    await expect.poll(() => rows.count()).toBe(9);
    await page.getByLabel("Verdict").selectOption("deny");
    await page.getByLabel("To prefix").fill("10.20.0.0/16");
    await expect.poll(async () => (await askedFor(page, "/flows")).at(-1)).toBe("/api/v1/flows?to=10.20.0.0%2F16&verdict=deny");
  });

  it("are shown by the hundred, and do not grow without end", async () => {
    const { page } = window;
    await page.goto("/#/flows");
    for (let i = 0; i < 10; ++i) await send(page, "/flows", flows(200));
    await page.getByText("The last 500 are shown").waitFor();
    expect(await page.locator("tbody tr").count()).toBe(500);
  });
});

// The real stream, which the same page must be able to read.
it("the edge's own stream of flows is open and refuses what is no filter", async () => {
  const { page } = window;
  const plain = await open(browser, edge.address);
  await plain.page.goto(edge.link());
  await plain.page.getByRole("heading", { name: "Tunnels", level: 1 }).waitFor();
  await plain.page.goto("/#/flows");
  await plain.page.getByText("No flow yet.").waitFor();
  await plain.page.locator("main").getByText("Live", { exact: true }).waitFor();
  await plain.page.getByLabel("To prefix").fill("nonsense");
  await plain.page.locator("main").getByRole("alert").waitFor();
  expect(await plain.page.locator("main").getByRole("alert").textContent()).toContain("nonsense");
  await plain.context.close();
  expect(plain.faults).toEqual([]);
  expect(page.isClosed()).toBe(false);
});
