// What needs packets: the path view along a real path, flows as they are judged, and a policy that is
// moved and refuses a ping. In the network namespace of the lab's edge.
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";

import { type Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

import { launch, open, type Window } from "../browser";

const ONEPING = process.env["ONEPING_BIN"]!;
const ADDRESS = "http://127.0.0.1:9780";
const ORIGIN = "172.16.10.120";

let browser: Browser;
let window: Window;

const oneping = (...words: string[]) => execFileSync(ONEPING, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

// What ping says, and whether there was an answer.
async function ping(...words: string[]): Promise<[boolean, string]> {
  try {
    return [true, (await promisify(execFile)("ping", ["-n", "-c", "1", "-W", "2", "-I", "100.96.0.1", ...words])).stdout];
  } catch (error) {
    return [false, String((error as { stdout?: string }).stdout)];
  }
}

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
});
beforeEach(async () => {
  window = await open(browser, ADDRESS);
  await window.page.goto(oneping("edge", "dashboard").trim());
  await window.page.getByRole("heading", { name: "Tunnels", level: 1 }).waitFor();
});
afterEach(async () => {
  await window.context.close();
  expect(window.faults).toEqual([]);
});

it("shows the three hops to the origin, and that it is reachable", async () => {
  const { page } = window;
  await page.goto("/#/path");
  await page.getByLabel("Destination").fill(ORIGIN);
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await page.getByText("Reachable", { exact: true }).waitFor({ timeout: 20_000 });
  await page.getByRole("row", { name: /1 edge 172\.68\.101\.57/ }).waitFor({ timeout: 20_000 });
  await page.getByRole("row", { name: /2 connector 172\.16\.10\.100/ }).waitFor();
  await page.getByRole("row", { name: /3 destination 172\.16\.10\.120/ }).waitFor();
  await page.getByRole("img", { name: /^Latency over/ }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
});

it("a policy that is moved refuses a ping, and the flow log tells of it", async () => {
  const { page } = window;
  try {
    oneping("policy", "add", "allow-origin", "--allow", "--to", ORIGIN);
    oneping("policy", "add", "deny-origin", "--deny", "--to", ORIGIN);
    expect((await ping(ORIGIN))[0]).toBe(true);
    await page.goto("/#/policies");
    await page.getByRole("button", { name: "Move deny-origin" }).focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Space");
    await page.getByText("deny-origin is asked at place 1 now.").waitFor();
    await page.goto(`/#/flows?verdict=deny&to=${ORIGIN}`);
    await page.locator("main").getByText("Live", { exact: true }).waitFor();
    const [isAnswered, words] = await ping(ORIGIN);
    expect(isAnswered).toBe(false);
    expect(words).toContain("Packet filtered");
    await page.getByRole("row", { name: /deny edge alice 100\.96\.0\.1 172\.16\.10\.120 ping deny-origin/ }).first().waitFor();
    await page.goto(`/#/path?to=${ORIGIN}&from=edge`);
    await page.getByText("Not reachable").waitFor({ timeout: 20_000 });
  } finally {
    for (const name of ["allow-origin", "deny-origin"]) {
      try {
        oneping("policy", "delete", name);
      } catch {
        // It was not made.
      }
    }
  }
});
