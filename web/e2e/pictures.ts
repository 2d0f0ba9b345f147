// How a page is pictured for docs/screenshots, or the folder that $SCREENSHOTS names.
import { type Page } from "playwright-core";

export const DESK = { viewport: { width: 1280, height: 820 } };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, hasTouch: true };

export const picture = (name: string) => `${process.env["SCREENSHOTS"] ?? "../docs/screenshots"}/${name}.png`;

// Opens a page of the dashboard, does there what is to be seen, and pictures it.
export async function shoot(page: Page, name: string, at: string, before?: () => Promise<void>, isWhole = false): Promise<void> {
  await page.goto(`/#/${at}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByText("Loading…").first().waitFor({ state: "detached" });
  await before?.();
  await page.mouse.move(0, 0);
  await page.waitForTimeout(250);
  await page.screenshot({ path: picture(name), fullPage: isWhole, animations: "disabled" });
}
