// What holds for every page: nothing from elsewhere, labels, contrast, a phone's width, size, speed;
// and what other pages may not do.
import { createServer, type Server } from "node:http";
import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { type Browser, type BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, open } from "./browser";
import { Edge } from "./edge";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = ["tunnels", "tunnels/office", "routes", "path", "flows", "devices", "devices/laptop", "people", "policies", "audit", "tokens", "edge"];
const DIST = "../build/web/dist";

let edge: Edge;
let browser: Browser;
let foreign: Server;
let foreignAddress: string;

beforeAll(async () => {
  edge = new Edge();
  await edge.start();
  await edge.ask("POST", "/users", { name: "alice" });
  await edge.with({ devices: [{ name: "laptop", user: "alice", addresses: ["100.96.0.7"], tags: ["mobile"] }] });
  await edge.ask("POST", "/tunnels", { name: "office", comment: "Frankfurt, second floor" });
  const { token } = await edge.ask<{ token: string }>("POST", "/tunnels/office/token");
  edge.connect(`oneping connector run --token-file office.token --edge 127.0.0.1:${edge.port}`, "office.token", token);
  for (let i = 0; i < 4; ++i) await edge.ask("POST", "/routes", { prefix: `10.${i}.0.0/16`, tunnel: "office" });
  await edge.ask("POST", "/groups", { name: "staff", members: ["alice"] });
  await edge.ask("POST", "/keys", { name: "guests", reusable: true });
  await edge.ask("POST", "/policies", { name: "no-finance", verdict: "deny", who: ["group:staff"], to: ["10.2.0.0/16"] });
  await edge.token("ci", "read");
  browser = await launch();
  // Somebody else's page, on another port of this machine.
  foreign = createServer((_request, response) => response.end("<!doctype html><title>foreign</title>"));
  await new Promise<void>((done) => foreign.listen(0, "127.0.0.1", done));
  foreignAddress = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  await edge?.end();
  foreign?.close();
});

async function signedIn(options: BrowserContextOptions = {}) {
  const window = await open(browser, edge.address, options);
  await window.page.goto(edge.link());
  await window.page.getByRole("heading", { name: "Tunnels", level: 1 }).waitFor();
  return window;
}
async function visit(window: Awaited<ReturnType<typeof signedIn>>, at: string) {
  await window.page.goto(`/#/${at}`);
  await window.page.getByRole("heading", { level: 1 }).waitFor();
  await window.page.getByText("Loading…").first().waitFor({ state: "detached" });
}

describe("every page", () => {
  it.each([
    ["light, on a desk", { colorScheme: "light" }],
    ["dark, on a phone", { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true }],
  ] as [string, BrowserContextOptions][])("has labels, contrast and order: %s", async (_name, options) => {
    const window = await signedIn({ ...options, bypassCSP: true });
    await window.page.addInitScript(AXE);
    await window.page.reload();
    const found: string[] = [];
    for (const at of PAGES) {
      await visit(window, at);
      const violations = await window.page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
        const result = await axe.run(document, { resultTypes: ["violations"] });
        return result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" | ")}`);
      });
      found.push(...violations.map((violation) => `${at}: ${violation}`.slice(0, 400)));
    }
    expect(found).toEqual([]);
    await window.context.close();
    expect(window.faults).toEqual([]);
  }, 90_000);

  it("fits a phone", async () => {
    const window = await signedIn({ viewport: { width: 360, height: 740 } });
    for (const at of PAGES) {
      await visit(window, at);
      const [width, wanted] = await window.page.evaluate(() => [document.documentElement.clientWidth, document.documentElement.scrollWidth]);
      expect(wanted, at).toBeLessThanOrEqual(width!);
    }
    await window.page.getByRole("button", { name: "Menu" }).click();
    await window.page.getByRole("link", { name: "Policies" }).click();
    await window.page.getByRole("heading", { name: "Policies", level: 1 }).waitFor();
    await window.context.close();
    expect(window.faults).toEqual([]);
  });

  it("is reached by the keyboard alone", async () => {
    const window = await signedIn();
    const { page } = window;
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    await page.reload();
    await page.getByRole("heading", { name: "Tunnels", level: 1 }).waitFor();
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    const order: string[] = [];
    for (let i = 0; i < 12; ++i) {
      await page.keyboard.press("Tab");
      order.push(await focused());
    }
    expect(order.join()).toContain("Tunnels,Routes,Path,Flows,Devices,Users and groups,Policies,Audit,API tokens,Edge");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "main");
    await page.goto("/#/tunnels");
    await page.getByRole("button", { name: "Create a tunnel" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("INPUT");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused()).toBe("Create a tunnel");
    await window.context.close();
    expect(window.faults).toEqual([]);
  });

  it("weighs little and is there at once", async () => {
    const sizes = readdirSync(`${DIST}/assets`)
      .filter((file) => /\.(js|css)$/.test(file))
      .map((file) => readFileSync(`${DIST}/assets/${file}`));
    const kilobytes = (compress: (bytes: Buffer) => Buffer) => sizes.reduce((sum, bytes) => sum + compress(bytes).length, 0) / 1000;
    console.log(`script and style: ${kilobytes(brotliCompressSync).toFixed(1)} kB brotli, ${kilobytes(gzipSync).toFixed(1)} kB gzip`);
    expect(kilobytes(gzipSync)).toBeLessThan(80);

    const window = await signedIn();
    const views: number[] = [];
    for (let i = 0; i < 3; ++i) {
      // As at the first visit: nothing is kept.
      const fresh = await window.context.newCDPSession(window.page);
      await fresh.send("Network.clearBrowserCache");
      await window.page.goto("about:blank");
      const begun = Date.now();
      await window.page.goto("/");
      await window.page.getByRole("row", { name: /office/ }).waitFor();
      views.push(Date.now() - begun);
    }
    console.log(`first view with data: ${views.join(", ")} ms`);
    expect(Math.min(...views)).toBeLessThan(1000);
    await window.context.close();
  });
});

describe("the listener", () => {
  it("sends the page compressed, kept by its hash, and asked for by its tag", async () => {
    const page = await fetch(`${edge.address}/`, { headers: { "Accept-Encoding": "br" } });
    expect(page.headers.get("content-encoding")).toBe("br");
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await page.text();
    const again = await fetch(`${edge.address}/`, {
      headers: { "Accept-Encoding": "br", "If-None-Match": page.headers.get("etag")! },
    });
    expect(again.status).toBe(304);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)![1]!;
    for (const encoding of ["br", "gzip", "identity"]) {
      const answer = await fetch(`${edge.address}${script}`, { headers: { "Accept-Encoding": encoding } });
      expect(answer.headers.get("cache-control")).toContain("immutable");
      expect(answer.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
      expect(await answer.text()).toBe(readFileSync(`${DIST}${script}`, "utf8"));
    }
  });

  it("lets nobody frame it", async () => {
    const window = await open(browser, foreignAddress);
    await window.page.goto(foreignAddress);
    const frame = await window.page.evaluate(
      (address) =>
        new Promise<string>((done) => {
          const element = document.createElement("iframe");
          element.src = address;
          element.onload = () => done("loaded");
          document.body.append(element);
        }),
      edge.address,
    );
    expect(frame).toBe("loaded"); // which is the browser's own page about the refusal
    const inside = window.page.frames().find((known) => known !== window.page.mainFrame())!;
    expect(inside.url()).toMatch(/^chrome-error:/);
    await window.context.close();
  });

  it("refuses what another page asks, with the cookie of who is signed in", async () => {
    const window = await signedIn();
    await window.page.goto(`${foreignAddress}/`);
    const tried = await window.page.evaluate(async (edge) => {
      const attempt = async (init: RequestInit, path = "/api/v1/users") => {
        try {
          return (await fetch(`${edge}${path}`, { credentials: "include", ...init })).status;
        } catch {
          return "refused";
        }
      };
      const body = '{"name": "mallory"}';
      return [
        await attempt({ method: "POST", body, headers: { "Content-Type": "application/json" } }),
        await attempt({ method: "POST", body, mode: "no-cors", headers: { "Content-Type": "text/plain" } }),
        await attempt({ method: "POST", body, mode: "no-cors" }),
        await attempt({ method: "GET" }),
        await attempt({ method: "GET", mode: "no-cors" }, "/api/v1/openapi.json"),
      ];
    }, edge.address);
    expect(tried.filter((outcome) => outcome === 200 || outcome === 201)).toEqual([]);
    await window.page.evaluate((edge) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = `${edge}/api/v1/users`;
      form.enctype = "text/plain";
      const input = document.createElement("input");
      input.name = '{"name": "mallory", "comment": "';
      input.value = '"}';
      form.append(input);
      document.body.append(form);
      form.submit();
    }, edge.address);
    await window.page.waitForURL(/users$/);
    expect(await window.page.textContent("body")).toContain("only its own page may ask");
    const { items } = await edge.ask<{ items: { name: string }[] }>("GET", "/users");
    expect(items.map((user) => user.name)).toEqual(["alice"]);
    await window.context.close();
  });

  it("refuses a foreign Origin and a missing one by cookie", async () => {
    const window = await signedIn();
    const [cookie] = await window.context.cookies();
    await window.context.close();
    const ask = (headers: Record<string, string>) =>
      fetch(`${edge.address}/api/v1/users`, {
        method: "POST",
        body: '{"name": "mallory"}',
        headers: { Cookie: `${cookie!.name}=${cookie!.value}`, "Content-Type": "application/json", ...headers },
      });
    expect((await ask({ Origin: "http://evil.example" })).status).toBe(403);
    expect((await ask({ Origin: "null" })).status).toBe(403);
    expect((await ask({})).status).toBe(403);
    expect((await ask({ Origin: edge.address, "Content-Type": "text/plain" })).status).toBe(403);
    expect((await ask({ Origin: edge.address })).status).toBe(201);
    await edge.ask("DELETE", "/users/mallory");
  });
});
