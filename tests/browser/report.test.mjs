// The report in a browser: every chart drawn, every way to it, nothing that leaves or runs beside it.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

import { HOSTILE, make, path } from "./bases.mjs";
import { launch } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// What the sample has, all of which are to be drawn.
const CHARTS = [
  "map", "whale", "deciles", "scores", "segments", "profile", "sizes", "silhouette", "clv", "alive", "matrix-purchases",
  "matrix-alive", "tracking-cumulative", "tracking-periods", "by-frequency", "repeat-counts", "purchase-rate",
  "dropout-probability", "timing",
];

let browser, reports;

before(async () => {
  reports = make();
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

// Opens a report; whatever it complains of or asks for ends the test.
async function open(report, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", ...options });
  await context.setOffline(true);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const trouble = [];
  page.on("console", (message) => trouble.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) { trouble.push(`request: ${request.url()}`); }
  });
  await page.goto(pathToFileURL(report).href);
  if (options.javaScriptEnabled !== false) { await page.waitForSelector("html[data-ready=true]"); }
  return { page, trouble, close: () => context.close() };
}

async function opened(report, options, work) {
  const { page, trouble, close } = await open(report, options);
  try {
    await work(page);
    assert.deepEqual(trouble, []);
  } finally {
    await close();
  }
}

// What each chart was given and what of it is on the page.
function charts(page) {
  return page.evaluate(() => [...document.querySelectorAll(".chart")].map((element) => {
    const option = echarts.getInstanceByDom(element).getOption();
    const data = option.series.flatMap((series) => series.data || []);
    return {
      id: element.id.replace("chart-", ""),
      drawn: Number(element.dataset.drawn),
      shapes: element.querySelectorAll("svg path, svg text, svg rect").length,
      rows: element.closest("figure").querySelectorAll("tbody tr").length,
      data: data.length,
      alt: element.getAttribute("aria-label"),
      width: element.querySelector("svg").getBoundingClientRect().width,
      room: element.getBoundingClientRect().width,
    };
  }));
}

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe("the sample", { concurrency: 2 }, () => {
  test("draws every chart with its data, and asks nothing of anybody", async () => {
    await opened(reports.sample, {}, async (page) => {
      const found = await charts(page);
      assert.deepEqual(found.map((chart) => chart.id), CHARTS);
      for (const chart of found) {
        assert.ok(chart.drawn > 0 && chart.shapes > 5, `${chart.id}: ${JSON.stringify(chart)}`);
        assert.ok(chart.rows > 0 && chart.data >= Math.min(chart.rows, 2), `${chart.id}: ${JSON.stringify(chart)}`);
        assert.ok(chart.alt.length > 40, chart.id);
        assert.ok(Math.abs(chart.width - chart.room) <= 1, `${chart.id} is ${chart.width} wide in ${chart.room}`);
      }
    });
  });

  test("draws the numbers of the tables", async () => {
    await opened(reports.sample, {}, async (page) => {
      const [drawn, told] = await page.evaluate(() => {
        const of = (id) => echarts.getInstanceByDom(document.getElementById(`chart-${id}`)).getOption();
        const bars = of("by-frequency").series.map((series) => series.data.map((datum) => datum.value));
        const rows = [...document.querySelectorAll("#by-frequency-figure tbody tr")];
        const column = (place) => rows.map((row) => Number(row.cells[place].querySelector("[data-v]").dataset.v));
        return [bars, [column(2), column(3)]];
      });
      assert.deepEqual(drawn, told);
      const customers = await page.evaluate(() => ({
        points: echarts.getInstanceByDom(document.getElementById("chart-map")).getOption().series.flatMap((s) => s.data).filter((d) => d.point).length,
        bars: document.querySelectorAll("#chart-deciles svg path").length,
      }));
      assert.equal(customers.points, 1966);
      assert.ok(customers.bars >= 10);
    });
  });

  test("answers to the mouse: what is under it is told, a cell is chosen and let go", async () => {
    await opened(reports.sample, {}, async (page) => {
      const chart = page.locator("#chart-deciles");
      await chart.scrollIntoViewIfNeeded();
      const at = await page.evaluate(() => {
        const instance = echarts.getInstanceByDom(document.getElementById("chart-deciles"));
        const value = instance.getOption().series[0].data[0].value;
        return instance.convertToPixel({ seriesIndex: 0 }, [0, value / 2]);
      });
      await chart.hover({ position: { x: at[0], y: at[1] } });
      const tip = chart.locator(".tooltip");
      await tip.waitFor({ state: "visible" });
      assert.match(await tip.innerText(), /Lifetime value/);
      assert.match(await tip.innerText(), /\d,\d{3}/);

      const map = page.locator("#chart-map");
      await map.scrollIntoViewIfNeeded();
      const point = await page.evaluate(() =>
        echarts.getInstanceByDom(document.getElementById("chart-map")).convertToPixel({ seriesIndex: 1 }, [12, 91]));
      const cell = { position: { x: point[0], y: point[1] } };
      const shown = page.locator("tr[data-cell]:visible");
      const all = await shown.count();
      await map.click(cell);
      assert.equal(await page.locator("#cell").inputValue(), "high value, low contact");
      const left = await shown.count();
      assert.ok(left > 0 && left < all, `${left} of ${all}`);
      await map.click(cell);
      assert.equal(await page.locator("#cell").inputValue(), "");
      assert.equal(await shown.count(), all);

      await page.selectOption("#cell", { index: 1 });
      const chosen = await page.locator("#cell").inputValue();
      for (const row of await shown.all()) { assert.equal(await row.getAttribute("data-cell"), chosen); }
      const nobody = await shown.count() === 0;
      assert.equal(await page.locator("#none-listed").isVisible(), nobody);
    });
  });

  test("answers to the keyboard alone", async () => {
    await opened(reports.sample, {}, async (page) => {
      await page.keyboard.press("Tab");
      assert.match(await page.evaluate(() => document.activeElement.className), /skip/);
      for (const id of CHARTS) {
        const chart = page.locator(`#chart-${id}`);
        await chart.focus();
        await page.keyboard.press("ArrowRight");
        const first = await page.locator("#status").textContent();
        await page.keyboard.press("End");
        const last = await page.locator("#status").textContent();
        assert.ok(first.includes(": ") && last.includes(": "), `${id}: ${first} / ${last}`);
        // It is drawn with the next frame.
        await chart.locator(".tooltip").waitFor({ state: "visible" });
        await page.keyboard.press("Escape");
      }
      await page.locator("#chart-timing .tooltip").waitFor({ state: "hidden" });
      await page.locator("#chart-map").focus();
      await page.keyboard.press("Home");
      await page.keyboard.press("Enter");
      assert.notEqual(await page.locator("#cell").inputValue(), "");
    });
  });

  test("is dark where the reader's screen is", async () => {
    await opened(reports.sample, { colorScheme: "dark" }, async (page) => {
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(ground, "rgb(13, 17, 23)");
      const ink = () => page.locator("#chart-whale svg text").first().getAttribute("fill");
      const dark = await ink();
      await page.screenshot({ path: path("sample-1280-dark.png"), fullPage: true });
      await page.emulateMedia({ colorScheme: "light" });
      await page.waitForFunction((dark) => document.querySelector("#chart-whale svg text").getAttribute("fill") !== dark, dark);
      assert.notEqual(await ink(), dark);
    });
  });

  test("fits a telephone", async () => {
    await opened(reports.sample, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true }, async (page) => {
      assert.equal(await overflow(page), 0);
      for (const chart of await charts(page)) { assert.ok(chart.width <= 390, chart.id); }
      await page.screenshot({ path: path("sample-390.png"), fullPage: true });
    });
  });

  test("follows the window when it changes", async () => {
    await opened(reports.sample, {}, async (page) => {
      await page.screenshot({ path: path("sample-1280.png"), fullPage: true });
      await page.setViewportSize({ width: 600, height: 900 });
      await page.waitForFunction(() => document.querySelector("#chart-map svg").getBoundingClientRect().width < 600);
      assert.equal(await overflow(page), 0);
    });
  });

  test("prints, light and whole", async () => {
    await opened(reports.sample, { colorScheme: "dark" }, async (page) => {
      await page.pdf({ path: path("sample.pdf"), format: "A4" });
      assert.ok(statSync(path("sample.pdf")).size > 50_000);
      // As the printer sees it: no chart wider than the paper or higher than a page.
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
      const [ground, sizes] = await page.evaluate(() => [
        getComputedStyle(document.body).backgroundColor,
        [...document.querySelectorAll(".chart svg")].map((svg) => svg.getBoundingClientRect()).map((box) => [box.width, box.height]),
      ]);
      assert.equal(ground, "rgb(255, 255, 255)");
      for (const [width, height] of sizes) { assert.ok(width <= 690 && height <= 900, `${width} x ${height}`); }
      const ink = await page.locator("#chart-whale svg text").first().getAttribute("fill");
      await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
      assert.notEqual(await page.locator("#chart-whale svg text").first().getAttribute("fill"), ink);
    });
  });

  test("shows numbers in the reader's locale", async () => {
    const shown = async (locale) => {
      let text = "";
      await opened(reports.sample, { locale }, async (page) => {
        text = await page.locator("#headline li").first().innerText();
      });
      return text;
    };
    assert.match(await shown("en-GB"), /1,966 customers/);
    assert.match(await shown("de-DE"), /1\.966 customers/);
    assert.match(await shown("fr-FR"), /1\u202f966 customers/);
  });

  test("is all there without scripts", async () => {
    await opened(reports.sample, { javaScriptEnabled: false }, async (page) => {
      assert.match(await page.locator("noscript").innerText(), /tables/);
      assert.ok(await page.locator("figure details").count() === CHARTS.length);
      assert.match(await page.locator("#headline li").first().innerText(), /1,966 customers/);
    });
  });

  test("can be read by a screen reader and by weak eyes", async () => {
    // Everything once; in the dark only colours are others.
    const rules = { light: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"], dark: ["color-contrast"] };
    for (const [colorScheme, runOnly] of Object.entries(rules)) {
      const { page, close } = await open(reports.sample, { colorScheme });
      await page.evaluate(AXE);
      const found = await page.evaluate((runOnly) => axe.run({ exclude: [".chart > *"] }, { resultTypes: ["violations"], runOnly }), runOnly);
      await close();
      const said = found.violations.map((one) => `${one.id}: ${one.nodes.length} x ${one.nodes[0].target} ${one.help}`);
      assert.deepEqual(said, [], colorScheme);
    }
  });
});

describe("other reports", { concurrency: 2 }, () => {
  for (const [lang, title] of [["pl", /Klienci/], ["ro", /Clienți/], ["bg", /Клиенти/]]) {
    test(`speaks ${lang}`, async () => {
      await opened(reports[lang], { locale: lang }, async (page) => {
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        assert.match(await page.locator("h1").innerText(), title);
        assert.deepEqual((await charts(page)).map((chart) => chart.id), CHARTS);
        assert.equal(await overflow(page), 0);
        await page.screenshot({ path: path(`${lang}-1280.png`), fullPage: true });
      });
    });
  }

  test("names nobody where nobody is to be named", async () => {
    await opened(reports.closed, {}, async (page) => {
      assert.doesNotMatch(await page.content(), /C00\d{4}/);
      assert.equal(await page.locator("tr[data-cell]").count(), 0);
      const data = await page.evaluate(() => echarts.getInstanceByDom(document.getElementById("chart-map")).getOption().series.flatMap((s) => s.data));
      assert.equal(data.filter((datum) => datum.point).length, 0);
      // Where there are no points, fields say where customers are; those of fewer than 20 are left out.
      const fields = data.filter((datum) => datum.field).map((datum) => datum.field.customers);
      assert.ok(fields.every((customers) => customers >= 20) && fields.reduce((sum, customers) => sum + customers, 0) <= 1966);
    });
  });

  test("says in a line what is not there", async () => {
    await opened(reports.bare, {}, async (page) => {
      assert.match(await page.locator("#map").innerText(), /no contact log/);
      assert.match(await page.locator("#timing").innerText(), /no contact log/);
      assert.equal(await page.locator("#map .chart, #timing .chart").count(), 0);
      assert.ok((await charts(page)).length > 10);
    });
  });

  test("lets nothing that a user wrote run or break it", async () => {
    for (const viewport of [{ width: 1280, height: 900 }, { width: 390, height: 844 }]) {
      await opened(reports.hostile, { viewport }, async (page) => {
        assert.equal(await page.evaluate(() => window.hit), undefined);
        assert.equal(await page.locator("img, iframe, object, [onerror], [onmouseover], b").count(), 0);
        assert.equal(await page.locator("script").count(), 4);
        assert.equal(await overflow(page), 0);
        const text = await page.locator("main").textContent();
        for (const hostile of HOSTILE.filter((hostile) => hostile.length < 40 && !/[\u2028\u202e\u{E000}]/iu.test(hostile))) {
          assert.ok(text.includes(hostile), `is shown as it stands: ${hostile}`);
        }
        assert.doesNotMatch(text, /x{100}|[\u2028\u2029\u202A-\u202E\u2066-\u2069\u200E\u200F]/);
        for (const chart of await charts(page)) { assert.ok(chart.drawn > 0, chart.id); }
        // Tooltips and what is read aloud are made of the same texts.
        for (const id of ["map", "segments", "timing"]) {
          await page.locator(`#chart-${id}`).focus();
          for (const key of ["Home", "ArrowRight", "End", "Enter"]) { await page.keyboard.press(key); }
        }
        const point = page.locator("#chart-map");
        await point.scrollIntoViewIfNeeded();
        const box = await point.boundingBox();
        for (let step = 1; step < 12; step += 1) { await page.mouse.move(box.x + box.width * step / 12, box.y + box.height * step / 12); }
        assert.equal(await page.evaluate(() => window.hit), undefined);
        assert.equal(await page.locator("img, b").count(), 0);
        await page.screenshot({ path: path(`hostile-${viewport.width}.png`), fullPage: true });
      });
    }
  });

  test("forbids whatever is not its own", async () => {
    const { page, trouble, close } = await open(reports.sample);
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.hit = 1";
      document.body.append(script);
      const image = await new Promise((done) => {
        const one = new Image();
        one.onload = () => done(true);
        one.onerror = () => done(false);
        one.src = "https://example.org/pixel.png";
      });
      const sent = await fetch("https://example.org/").then(() => true, () => false);
      return [window.hit, image, sent];
    });
    await close();
    assert.deepEqual(ran, [undefined, false, false]);
    // What was asked for did not get as far as the network.
    const refused = trouble.filter((one) => !one.startsWith("request: "));
    assert.ok(refused.length >= 3 && refused.every((one) => /Content Security Policy/i.test(one)), trouble.join("\n"));
  });
});
