// Pictures of the pages where packets flow: within the lab's edge, `npm run screenshots:lab`.
import { execFileSync } from "node:child_process";

import { type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";

import { launch, open } from "../browser";
import { DESK, PHONE, shoot } from "../pictures";

const ONEPING = process.env["ONEPING_BIN"] ?? "../build/release/oneping";
const ADDRESS = "http://127.0.0.1:9780";
const FAR = "10.20.30.40";
const PINGS = 60;

let browser: Browser;

const oneping = (...words: string[]) => execFileSync(ONEPING, words, { encoding: "utf8" }).trim();
const on = (host: string, ...words: string[]) => execFileSync("../lab/lab", ["exec", host, ...words], { encoding: "utf8" });

// A command that may fail, as a ping does that is denied.
function tried(run: () => string): void {
  try {
    run();
  } catch {
    // It said no.
  }
}

beforeAll(async () => {
  browser = await launch();
  oneping("policy", "add", "no-finance", "--deny", "--to", "10.20.66.0/24");
  on("far", "nft", "add table inet pictures");
  on("far", "nft", "add chain inet pictures input { type filter hook input priority 0 ; }");
  on("far", "nft", "add rule inet pictures input icmp type echo-request numgen random mod 15 == 0 drop");
});
afterAll(async () => {
  tried(() => on("far", "nft", "delete table inet pictures"));
  tried(() => oneping("policy", "delete", "no-finance"));
  await browser?.close();
});

// Some flows of two people's devices, of the edge itself, and of what a policy refuses.
function flows(): void {
  const hosts = ["172.16.10.120", FAR, "fd00:172:16:10::120", "10.20.66.7", "10.66.0.1", "172.16.10.1"];
  for (const [i, host] of [...hosts, ...hosts].entries()) {
    for (const from of ["device", "device2"]) tried(() => on(from, "ping", "-n", "-c", "1", "-W", "1", host));
    if (i % 2 === 0) tried(() => on("device", "traceroute", "-n", "-q", "1", "-m", "1", "-w", "1", host));
  }
}

async function draw(options: BrowserContextOptions, suffix: string, isPathOnly = false): Promise<void> {
  const { page, context } = await open(browser, ADDRESS, options);
  await page.goto(oneping("edge", "dashboard"));
  await page.getByRole("heading", { name: "Tunnels", level: 1 }).waitFor();
  await path(page, suffix);
  if (!isPathOnly) await shoot(page, `flows${suffix}`, "flows", async () => flows());
  await context.close();
}

const path = (page: Page, suffix: string) =>
  shoot(page, `path${suffix}`, `path?to=${FAR}&from=device`, async () => {
    await page.getByText("Reachable", { exact: true }).waitFor({ timeout: 30_000 });
    await page.getByText(new RegExp(`of ${PINGS}$`)).waitFor({ timeout: 90_000 });
    await page.evaluate(() => document.querySelector("details")?.setAttribute("open", ""));
  }, true);

it("by day", () => draw({ ...DESK, colorScheme: "light" }, ""));
it("by night", () => draw({ ...DESK, colorScheme: "dark" }, "-dark"));
it("on a phone", () => draw({ ...PHONE, colorScheme: "light" }, "-phone", true));
it("denied", async () => {
  const { page, context } = await open(browser, ADDRESS, { ...DESK, colorScheme: "light" });
  await page.goto(oneping("edge", "dashboard"));
  await page.getByRole("heading", { name: "Tunnels", level: 1 }).waitFor();
  await shoot(page, "path-denied", "path?to=10.20.66.7&from=device", () =>
    page.getByText("Not reachable").waitFor({ timeout: 30_000 }));
  await context.close();
});
