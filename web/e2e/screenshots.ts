// Pictures of each page for docs/screenshots: `npm run screenshots`. A real edge with connectors, filled
// as the post's administrator might have; what only time would bring, a day of health, is made up. The
// pages where packets flow are pictured in the lab (lab/screenshots.ts).
import { type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";

import type { TunnelHistory, TunnelSample } from "../src/api/types";
import { launch, open } from "./browser";
import { Edge, until } from "./edge";
import { DESK, PHONE, picture, shoot } from "./pictures";

let edge: Edge;
let browser: Browser;

beforeAll(async () => {
  edge = new Edge();
  await edge.start();
  for (const name of ["alice", "bob@example.org", "mallory"]) await edge.ask("POST", "/users", { name });
  await edge.with({ devices: [
    { name: "laptop", user: "alice", addresses: ["100.96.0.7", "fd00:100:96::7"], tags: ["mobile"] },
    { name: "phone", user: "bob@example.org", addresses: ["100.96.0.8", "fd00:100:96::8"], tags: ["mobile", "byod"] },
    { name: "build-7", addresses: ["100.96.0.9", "fd00:100:96::9"], tags: ["ci"] },
  ] });
  const tunnel = async (name: string, comment: string, prefixes: string[], isServed = true) => {
    await edge.ask("POST", "/tunnels", { name, comment });
    for (const prefix of prefixes) await edge.ask("POST", "/routes", { prefix, tunnel: name });
    const { token } = await edge.ask<{ token: string }>("POST", `/tunnels/${name}/token`);
    const command = `oneping connector run --token-file ${name}.token --edge 127.0.0.1:${edge.port}`;
    return isServed ? edge.connect(command, `${name}.token`, token) : async () => {};
  };
  await tunnel("office", "Frankfurt, second floor", ["172.16.10.0/24", "fd00:172:16:10::/64", "10.20.0.0/16", "10.21.0.0/16", "10.22.0.0/16"]);
  const stop = await tunnel("warehouse", "", ["10.40.0.0/16"]);
  await tunnel("home-lab", "Nobody has added its routes", []);
  await tunnel("new-site", "Waits for its connector", ["10.60.0.0/16"], false);
  await until("the tunnels", async () => (await edge.ask<{ tunnels: { healthy: number } }>("GET", "/status")).tunnels.healthy === 3);
  await stop();
  await edge.ask("POST", "/groups", { name: "staff", members: ["alice", "bob@example.org"] });
  await edge.ask("POST", "/groups", { name: "guests", members: ["mallory"] });
  await edge.ask("POST", "/keys", { name: "staff-laptops", reusable: true, user: "alice", tags: ["mobile"] });
  const policy = (body: object) => edge.ask("POST", "/policies", body);
  await policy({ name: "no-finance", verdict: "deny", who: ["group:guests"], to: ["10.20.0.0/16"], comment: "Auditors asked for it." });
  await policy({ name: "staff-ping", verdict: "allow", who: ["group:staff"], protocol: "icmp" });
  await policy({ name: "dns", verdict: "allow", to: ["172.16.10.53", "fd00:172:16:10::53"], ports: [53] });
  await policy({ name: "ci-window", verdict: "deny", who: ["tag:ci"], until: "2020-01-01T00:00:00Z" });
  await edge.ask("POST", "/devices/phone/revoke");
  await edge.token("ci", "read");
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await edge?.end();
});

// A day with a short trouble in it.
function day(): TunnelHistory {
  const end = Date.now();
  const samples = Array.from({ length: 1440 }, (_, i): TunnelSample => {
    const isDown = i > 700 && i < 712;
    const isDegraded = !isDown && i > 690 && i < 730;
    return {
      time: new Date(end - (1440 - i) * 60_000).toISOString(),
      status: isDown ? "down" : isDegraded ? "degraded" : "healthy",
      connections: isDown ? 0 : isDegraded ? 1 : 2,
      rtt_ms: isDown ? null : 11 + 2 * Math.sin(i / 90) + (i % 7) * 0.15 + (isDegraded ? 6 : 0),
      loss: isDegraded ? 0.03 : i % 97 === 0 ? 0.004 : 0,
    };
  });
  return { interval_ms: 60_000, samples };
}

async function prepared(options: BrowserContextOptions): Promise<Page> {
  const { page } = await open(browser, edge.address, options);
  await page.route("**/history", (route) => route.fulfill({ json: day() }));
  await page.goto(edge.link());
  await page.getByRole("heading", { name: "Tunnels", level: 1 }).waitFor();
  return page;
}

const shots = (page: Page, suffix: string) => ({
  tunnels: () => shoot(page, `tunnels${suffix}`, "tunnels"),
  tunnel: () => shoot(page, `tunnel${suffix}`, "tunnels/office", () => page.getByText("ready").first().waitFor(), true),
  token: () =>
    shoot(page, `tunnel-token${suffix}`, "tunnels", async () => {
      const name = `site${suffix}-${Date.now() % 1000}`;
      await page.getByRole("button", { name: "Create a tunnel" }).click();
      await page.getByLabel("Name").fill(name);
      await page.getByRole("button", { name: "Create", exact: true }).click();
      await page.getByText("Waiting for a connector").waitFor();
      await edge.ask("DELETE", `/tunnels/${name}`).catch(() => {});
    }),
  routes: () =>
    shoot(page, `routes${suffix}`, "routes", async () => {
      await page.getByLabel("Address", { exact: true }).fill("172.16.10.120");
      await page.keyboard.press("Enter");
      await page.getByText("takes").waitFor();
    }),
  devices: () => shoot(page, `devices${suffix}`, "devices"),
  people: () => shoot(page, `people${suffix}`, "people"),
  policies: () =>
    shoot(page, `policies${suffix}`, "policies", async () => {
      await page.getByRole("button", { name: "Try a flow of no-finance" }).click();
      await page.getByLabel("User").fill("mallory");
      await page.getByRole("button", { name: "Decide" }).click();
      await page.locator(".decision").waitFor();
    }),
  audit: () => shoot(page, `audit${suffix}`, "audit"),
  tokens: () => shoot(page, `tokens${suffix}`, "tokens"),
  edge: () => shoot(page, `edge${suffix}`, "edge"),
});

async function draw(options: BrowserContextOptions, suffix: string, which?: (keyof ReturnType<typeof shots>)[]): Promise<void> {
  const page = await prepared(options);
  const all = shots(page, suffix);
  for (const name of which ?? (Object.keys(all) as (keyof typeof all)[])) await all[name]();
  await page.context().close();
}

it("every page by day", () => draw({ ...DESK, colorScheme: "light" }, ""));
it("by night", () => draw({ ...DESK, colorScheme: "dark" }, "-dark", ["tunnels", "tunnel", "policies"]));
it("on a phone", () => draw({ ...PHONE, colorScheme: "light" }, "-phone", ["tunnels", "routes", "policies"]));
it("on a phone by night", () => draw({ ...PHONE, colorScheme: "dark" }, "-phone-dark", ["tunnels", "devices"]));
it("before anybody has signed in", async () => {
  const { page, context } = await open(browser, edge.address, { viewport: { width: 900, height: 620 } });
  await page.goto("/");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.screenshot({ path: picture("sign-in") });
  await context.close();
});
