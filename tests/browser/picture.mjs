// The picture of the report in the README: the beginning of the sample's.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { make } from "./bases.mjs";
import { launch } from "./browser.mjs";

const { sample } = make();
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1200, height: 1640 }, locale: "en-GB" });
await page.goto(pathToFileURL(sample).href);
await page.waitForSelector("html[data-ready=true]");
await page.screenshot({ path: join(process.env.ROOT, "docs", "report.png") });
await browser.close();
