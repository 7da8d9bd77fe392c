// How long a report takes from the start of navigation until every chart is drawn, in a browser that is running.
import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { launch } from "./browser.mjs";

const RUNS = 7;
const file = process.argv[2];
const browser = await launch();
const taken = [];
for (let run = 0; run < RUNS; run += 1) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const start = performance.now();
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector("html[data-ready=true]");
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
  taken.push(performance.now() - start);
  await page.close();
}
await browser.close();
taken.sort((a, b) => a - b);
const seconds = (milliseconds) => (milliseconds / 1000).toFixed(2);
console.log(`${(statSync(file).size / 1e6).toFixed(2)} MB, drawn after ${seconds(taken[RUNS >> 1])} s (${seconds(taken[0])} to ${seconds(taken[RUNS - 1])} in ${RUNS} runs)`);
