// A real Chromium without a window, which tells whatever a page does that it should not.
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync"],
    ],
  });
}

export interface Window {
  context: BrowserContext;
  page: Page;
  // What went wrong in it so far: errors in the console, requests to elsewhere.
  faults: string[];
}

// A window of its own, with no cookies, that may only speak to `address`.
export async function open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Window> {
  const context = await browser.newContext({ baseURL: address, viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(5_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    // The browser's own line about an answer that the page shows in words.
    const isRefusal = message.text().startsWith("Failed to load resource: the server responded with a status of");
    if (["error", "warning"].includes(message.type()) && !isRefusal) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== address && url.protocol !== "blob:") faults.push(`request to elsewhere: ${request.url()}`);
  });
  return { context, page, faults };
}
