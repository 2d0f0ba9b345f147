// The dashboard as an administrator uses it: a real edge, a real connector, a real browser.
import { type Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { launch, open, type Window } from "./browser";
import { Edge, until } from "./edge";

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
});
afterEach(async () => {
  const { faults } = window;
  await window.context.close();
  expect(faults).toEqual([]);
});

const button = (name: string) => window.page.getByRole("button", { name, exact: true });
const field = (label: string) => window.page.getByLabel(label, { exact: true });
const heading = (name: string | RegExp) => window.page.getByRole("heading", { name, level: 1 });

async function enter(at = "tunnels"): Promise<void> {
  await window.page.goto(edge.link());
  await heading("Tunnels").waitFor();
  if (at !== "tunnels") await window.page.goto(`/#/${at}`);
}

describe("signing in", () => {
  it("with a token", async () => {
    await window.page.goto("/");
    await field("API token").fill(await edge.token("by-hand"));
    await button("Sign in").click();
    await heading("Tunnels").waitFor();
    await window.page.getByText("token by-hand").waitFor();
    const [cookie] = await window.context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
    expect(await window.page.evaluate(() => document.cookie)).toBe("");
    await window.page.reload();
    await heading("Tunnels").waitFor();
  });

  it("not with a wrong token", async () => {
    await window.page.goto("/");
    await field("API token").fill("opa_wrong");
    await button("Sign in").click();
    await window.page.getByText("the API token is not known here").waitFor();
    expect(await window.context.cookies()).toEqual([]);
  });

  it("with a one-time link, once", async () => {
    const link = edge.link();
    await window.page.goto(link);
    await heading("Tunnels").waitFor();
    expect(window.page.url()).not.toContain("opl_");
    const other = await open(browser, edge.address);
    await other.page.goto(link);
    await other.page.getByText("this link is used up").waitFor();
    await other.context.close();
    expect(other.faults).toEqual([]);
  });

  it("for reading only shows nothing that changes", async () => {
    await window.page.goto(edge.link("--role", "read"));
    await heading("Tunnels").waitFor();
    await window.page.getByText("may only read").waitFor();
    expect(await button("Create a tunnel").count()).toBe(0);
  });

  it("ends when somebody signs out", async () => {
    await enter();
    const [cookie] = await window.context.cookies();
    await button("Sign out").click();
    await heading("Sign in").waitFor();
    await window.context.addCookies([cookie!]); // whoever kept it
    await window.page.reload();
    await heading("Sign in").waitFor();
  });

  it("ends with its token, and says so", async () => {
    await window.page.goto("/");
    await field("API token").fill(await edge.token("short-lived"));
    await button("Sign in").click();
    await heading("Tunnels").waitFor();
    await edge.ask("DELETE", "/api-tokens/short-lived");
    await window.page.goto("/#/routes");
    await window.page.getByText("the API token that you signed in with is deleted").waitFor();
  });
});

describe("a tunnel", () => {
  it("is made, gets its connector, and turns healthy without a reload", async () => {
    await enter();
    await button("Create a tunnel").click();
    await field("Name").fill("office");
    await button("Create").click();
    const token = (await window.page.getByLabel("the token", { exact: true }).textContent())!.trim();
    const command = (await window.page.getByLabel("the connector’s command").textContent())!.trim();
    expect(command).toBe(`oneping connector run --token-file office.token --edge 127.0.0.1:${edge.port}`);
    const stop = edge.connect(command, "office.token", token);
    await window.page.getByText("healthy with 2 connections").waitFor();
    await button("I have the token").click();
    const row = window.page.getByRole("row", { name: /office/ });
    await row.getByText("healthy").waitFor();
    expect(await row.textContent()).toContain("none: nothing leads here");

    await window.page.getByRole("link", { name: "office" }).click();
    await heading("office").waitFor();
    await window.page.getByRole("table", { name: "Connections of connector 1" }).getByText("ready").first().waitFor();
    expect(await window.page.content()).not.toContain(token);
    await window.page.getByText("1 minute", { exact: false }).or(window.page.getByText("No sample yet.")).first().waitFor();

    await stop();
    await window.page.getByText("No connector is connected.").waitFor();
    await window.page.getByText("down", { exact: true }).first().waitFor();
  });

  it("says why a name is refused, beside the field", async () => {
    await enter();
    await button("Create a tunnel").click();
    await field("Name").fill("office");
    await button("Create").click();
    await window.page.getByText('there is a tunnel "office" already').waitFor();
    expect(await field("Name").getAttribute("aria-invalid")).toBe("true");
    await window.page.keyboard.press("Escape");
    await window.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("asks before it is deleted, and says what will go with it", async () => {
    await edge.ask("POST", "/tunnels", { name: "doomed" });
    await edge.ask("POST", "/routes", { prefix: "10.99.0.0/16", tunnel: "doomed" });
    await enter("tunnels/doomed");
    await button("Delete").click();
    await window.page.getByText("1 route into it will be deleted too.").waitFor();
    await button("Cancel").click();
    await edge.ask("GET", "/tunnels/doomed");
    await button("Delete").click();
    await button("Delete it and 1 route").click();
    await heading("Tunnels").waitFor();
    await expect(edge.ask("GET", "/tunnels/doomed")).rejects.toThrow("404");
  });

  it("shows script in what others wrote as text", async () => {
    const script = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
    await edge.ask("PATCH", "/tunnels/office", { comment: script });
    await enter();
    await window.page.getByText(script).waitFor();
    expect(await window.page.title()).not.toBe("owned");
    expect(await window.page.locator("main img, main script").count()).toBe(0);
    await edge.ask("PATCH", "/tunnels/office", { comment: "" });
  });

  it("of whatever name the API may answer is text too", async () => {
    const name = "<script>document.title='owned'</script>";
    await window.page.route("**/api/v1/tunnels?*", async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { items: { name: string }[] };
      body.items[0]!.name = name;
      await route.fulfill({ response: answer, json: body });
    });
    await enter();
    await window.page.getByRole("link", { name }).waitFor();
    expect(await window.page.title()).not.toBe("owned");
  });
});

describe("routes", () => {
  it("are added, looked up, changed and deleted", async () => {
    await edge.ask("POST", "/tunnels", { name: "home" });
    await enter("routes");
    await button("Add a route").click();
    await field("Prefix").fill("10.1.0.0/16");
    await window.page.getByRole("dialog").getByLabel("Tunnel").fill("office");
    await button("Add").click();
    await window.page.getByRole("row", { name: /10\.1\.0\.0\/16/ }).waitFor();

    await field("Address").fill("10.1.2.3");
    await button("Look it up").click();
    await window.page.getByText("10.1.2.3 takes 10.1.0.0/16 into office").waitFor();

    await button("Change route 10.1.0.0/16").click();
    await window.page.getByRole("dialog").getByLabel("Tunnel").fill("home");
    await button("Save").click();
    await window.page.getByRole("row", { name: /10\.1\.0\.0\/16 home/ }).waitFor();

    await button("Delete route 10.1.0.0/16").click();
    await button("Delete the route").click();
    await window.page.getByText("No route yet.").waitFor();
  });

  it("are refused beside what is wrong with them", async () => {
    await enter("routes");
    await button("Add a route").click();
    await field("Prefix").fill("10.1.0.0/99");
    await window.page.getByRole("dialog").getByLabel("Tunnel").fill("office");
    await button("Add").click();
    const prefix = field("Prefix");
    await window.page.locator("[aria-invalid=true]").waitFor();
    expect(await prefix.getAttribute("aria-invalid")).toBe("true");
    expect(await window.page.getByRole("alert").textContent()).toContain("10.1.0.0/99");
  });

  it("are usable by the ten thousand", async () => {
    const prefixes = Array.from({ length: 10_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    await edge.with({ tunnel: "office", prefixes });
    await enter("routes");
    await window.page.getByText("1–100 of 10\u202f000").waitFor();
    const begun = Date.now();
    await button("Next").click();
    await window.page.getByText("101–200 of 10\u202f000").waitFor();
    await window.page.getByRole("row", { name: /10\.0\.150\.0\/24/ }).waitFor();
    await field("Inside prefix").fill("10.38.0.0/16");
    await window.page.getByRole("row", { name: /10\.38\.0\.0\/24/ }).waitFor();
    const rows = window.page.getByRole("table", { name: "Routes", exact: true }).getByRole("row");
    expect(await rows.count()).toBe(101);
    await button("Next").click();
    await window.page.getByText("101–200", { exact: true }).waitFor();
    expect(Date.now() - begun).toBeLessThan(6000);
    await button("Clear").click();
    await window.page.getByText("1–100 of 10\u202f000").waitFor();
    await window.page.goto("/#/tunnels");
    await window.page.getByRole("link", { name: "9997 more" }).or(window.page.getByRole("link", { name: "9\u202f997 more" })).waitFor();
  });
});

describe("policies", () => {
  const order = async () => (await edge.ask<{ items: { name: string }[] }>("GET", "/policies")).items.map(({ name }) => name).join(" ");

  beforeAll(async () => {
    for (const name of ["first", "second", "third"]) {
      await edge.ask("POST", "/policies", { name, verdict: "deny", to: ["10.20.0.0/16"] });
    }
  });

  it("are moved by dragging", async () => {
    await enter("policies");
    const handle = button("Move third");
    await handle.waitFor();
    const from = (await handle.boundingBox())!;
    const to = (await button("Move first").boundingBox())!;
    await window.page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await window.page.mouse.down();
    for (let step = 1; step <= 8; ++step) {
      await window.page.mouse.move(to.x + 5, from.y + ((to.y - from.y) * step) / 8);
    }
    await window.page.mouse.up();
    await until("the new order", async () => (await order()) === "third first second");
    await window.page.getByText("third is asked at place 1 now.").waitFor();
  });

  it("are moved by the keyboard alone", async () => {
    await enter("policies");
    await button("Move third").focus();
    await window.page.keyboard.press("Space");
    await window.page.keyboard.press("ArrowDown");
    await window.page.keyboard.press("ArrowDown");
    await window.page.getByText("third: moved, place 3 of 3.").waitFor();
    await window.page.keyboard.press("Space");
    await until("the new order", async () => (await order()) === "first second third");
    await window.page.keyboard.press("Space");
    await window.page.keyboard.press("ArrowUp");
    await window.page.keyboard.press("Escape");
    await window.page.getByText("third: put back, place 3 of 3.").waitFor();
    expect(await order()).toBe("first second third");
  });

  it("are tried without a packet, beside the rule", async () => {
    await enter("policies");
    await button("Try a flow of second").click();
    await expect.poll(() => field("Destination").inputValue()).toBe("10.20.0.1");
    await button("Decide").click();
    await window.page.locator(".decision", { hasText: "deny" }).waitFor();
    await window.page.locator("li.decides", { hasText: "first" }).waitFor();
    await field("Destination").fill("192.0.2.1");
    await button("Decide").click();
    await window.page.locator(".policy.default.decides").waitFor();
  });

  it("are added, and the default is turned after a question", async () => {
    await enter("policies");
    await button("Add a policy").click();
    const dialog = window.page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("dns");
    await dialog.getByLabel("Where to").fill("10.53.0.0/16,");
    await dialog.getByLabel("Traffic").selectOption("udp");
    await dialog.getByLabel("Ports").fill("53,");
    await button("Add").click();
    await window.page.locator("li", { hasText: "UDP 53" }).waitFor();
    expect(await order()).toBe("first second third dns");
    await button("Deny by default").click();
    await window.page.getByText("Every flow that no policy allows is refused").waitFor();
    await window.page.getByRole("dialog").getByRole("button", { name: "Deny by default" }).click();
    await button("Allow by default").waitFor();
    await edge.ask("PUT", "/policies/default", { verdict: "allow" });
    await button("Deny by default").waitFor(); // by itself
  });
});

describe("people and devices", () => {
  beforeAll(async () => {
    await edge.ask("POST", "/users", { name: "alice" });
    await edge.with({
      devices: [
        { name: "laptop", user: "alice", addresses: ["100.96.0.7", "fd00:100:96::7"], tags: ["mobile"] },
        { name: "phone", addresses: ["100.96.0.8"] },
      ],
    });
  });

  it("a device is revoked, restored and renamed", async () => {
    await enter("devices");
    await button("Revoke device laptop").click();
    await window.page.getByText("Nothing of it is carried any more").waitFor();
    await button("Revoke the device").click();
    await window.page.getByRole("row", { name: /laptop/ }).getByText("revoked").waitFor();
    expect(await edge.ask("GET", "/devices/laptop")).toMatchObject({ revoked: true });
    await button("Restore device laptop").click();
    await button("Restore the device").click();
    await window.page.getByRole("row", { name: /laptop/ }).getByText("offline").waitFor();
    await window.page.getByRole("link", { name: "laptop" }).click();
    await button("Edit").click();
    await field("Name").fill("notebook");
    await button("Save").click();
    await heading("notebook").waitFor();
  });

  it("an enrolment key is shown once, and revoked", async () => {
    await enter("devices");
    await button("Create a key").click();
    await field("Name").fill("guest-key");
    await button("Create").click();
    const key = (await window.page.getByLabel("the key", { exact: true }).textContent())!.trim();
    expect(key).toMatch(/^opk_/);
    await window.page.getByText(`oneping device enroll --edge 127.0.0.1:${edge.port} --key-file guest-key.key`).waitFor();
    await button("I have the key").click();
    await window.page.getByRole("row", { name: /guest-key/ }).getByText("valid").waitFor();
    expect(await window.page.content()).not.toContain(key);
    await button("Revoke key guest-key").click();
    await button("Revoke the key").click();
    await window.page.getByRole("row", { name: /guest-key/ }).getByText("revoked").waitFor();
  });

  it("a group gets members, and a user in use is not deleted", async () => {
    await enter("people");
    await button("Add a group").click();
    await field("Name").fill("staff");
    await field("Members").fill("alice,");
    await button("Add").click();
    await window.page.getByRole("row", { name: /staff alice/ }).waitFor();
    await button("Delete user alice").click();
    await button("Delete the user").click();
    await window.page.getByRole("dialog").getByRole("alert").waitFor();
    await button("Cancel").click();
    expect(await edge.ask("GET", "/groups/staff")).toMatchObject({ members: ["alice"] });
  });

  it("the audit log tells of it, and filters", async () => {
    await enter("audit?action=device.");
    await window.page.getByRole("cell", { name: "device.revoke" }).first().waitFor();
    await field("Of the name").fill("notebook");
    await window.page.getByText("Nothing like that has happened.").or(window.page.getByRole("cell", { name: "notebook" }).first()).first().waitFor();
    await field("About").selectOption("session.");
    await button("Clear").click();
    await window.page.getByRole("cell", { name: "session.create" }).first().waitFor();
  });
});

describe("tokens and the edge", () => {
  it("a token is made, shown once and deleted; sessions are listed and ended", async () => {
    await enter("tokens");
    await button("Create a token").click();
    await field("Name").fill("ci");
    await button("Create").click();
    const token = (await window.page.getByLabel("the token", { exact: true }).textContent())!.trim();
    expect(token).toMatch(/^opa_/);
    await button("I have the token").click();
    const other = await open(browser, edge.address);
    await other.page.goto("/");
    await other.page.getByLabel("API token").fill(token);
    await other.page.getByRole("button", { name: "Sign in" }).click();
    await other.page.getByText("may only read").waitFor();
    await button("End session of token ci").click();
    await button("End the session").click();
    await other.page.goto("/#/routes");
    await other.page.getByText("your session is over: sign in again").waitFor();
    await other.context.close();
    await button("Delete token ci").click();
    await button("Delete the token").click();
    await window.page.getByRole("table", { name: "API tokens" }).getByText("ci", { exact: true }).waitFor({ state: "detached" });
  });

  it("the edge tells how it is, and hands out its store", async () => {
    await enter("edge");
    await heading("fra1").waitFor();
    const download = window.page.waitForEvent("download");
    await window.page.getByRole("link", { name: "A copy of the store" }).click();
    expect((await download).suggestedFilename()).toBe("control.db");
  });

  it("comes back by itself after the edge has restarted, and asks who it is", async () => {
    await enter();
    await edge.restart();
    await window.page.getByText("your session is over: sign in again").waitFor({ timeout: 20_000 });
    window.faults.length = 0; // the connection broke, and the browser says so
  });
});
