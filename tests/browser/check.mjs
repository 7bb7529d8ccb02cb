// Measures a built site in a real browser, and says what a reader would stumble over.
//
//   node check.mjs SITE_DIR [--baseurl /x] [--no-lighthouse]
//
// Prints faults, a table, and one line of JSON; exit code 0 without faults, 1 with some, 2 when it could not measure.

import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { HtmlValidate } from "html-validate";
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";
import * as looks from "./looks.mjs";
import { htmlFiles, pagesOf, serve } from "./site.mjs";

const NEEDED = ["home", "archive", "post"];
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const LEAST = 0.95; // of 1, in each of Lighthouse's categories
// The standard's rules and those that help a screen reader. Matters of taste are left out: kramdown has its own.
const HTML_RULES = {
  root: true,
  extends: ["html-validate:standard", "html-validate:document", "html-validate:a11y"],
  rules: {
    "require-sri": ["error", { target: "crossorigin" }],
    "aria-label-misuse": ["error", { allowAnyNamable: true }], // ARIA lets a list have a name
  },
};

/** Measure the site in `folder`; resolve to { faults, pages, seconds }; a fault is { page, rule, element, views }. */
export async function check(folder, { base = "", withLighthouse = true } = {}) {
  const began = Date.now();
  const files = pagesOf(folder);
  const missing = NEEDED.filter((kind) => !files[kind]);
  const faults = missing.map((kind) => ({ page: kind, rule: "missing", element: "the site has no such page" }));
  faults.push(...(await markupFaults(folder)));
  const pages = {};
  const server = await serve(folder, base);
  const browser = await launch();
  try {
    for (const [kind, file] of Object.entries(files)) {
      const url = `${server.origin}${base}/${file.replace(/(^|\/)index\.html$/, "$1")}`;
      pages[kind] = { file, ...(await view(browser, url, kind, { folder, base, faults })) };
      if (withLighthouse && NEEDED.includes(kind)) pages[kind].lighthouse = await rate(browser, url, kind, faults);
    }
  } finally {
    await browser.close();
    server.close();
  }
  return { faults: merged(faults), pages, seconds: (Date.now() - began) / 1000 };
}

/** Look at one page in every width and scheme, and once without scripts; resolve to its figures. */
async function view(browser, url, kind, { folder, base, faults }) {
  const context = await browser.createBrowserContext(); // its cache is empty, so that the weight is that of a first visit
  const page = await context.newPage();
  await page.setBypassCSP(true); // a site may forbid scripts; axe-core is one
  const add = (where, found) => faults.push(...found.map((fault) => ({ page: kind, view: where, ...fault })));
  let weight;
  for (const width of looks.WIDTHS) {
    for (const scheme of looks.SCHEMES) {
      const where = `${width} ${scheme}`;
      const traffic = await looks.open(page, url, width, scheme);
      add(where, looks.requestFaults(traffic, url));
      add(where, await looks.overflowFaults(page, width));
      weight ??= await looks.weigh(traffic);
      add(where, await looks.accessFaults(page));
    }
  }
  add("", await looks.linkFaults(page, folder, base));
  if (weight.bytes > looks.MAX_WEIGHT) {
    add("", [{ rule: "weight", element: `${weight.bytes} bytes without pictures, ${looks.MAX_WEIGHT} allowed` }]);
  }
  const full = await looks.mainText(page);
  await looks.open(page, url, looks.WIDTHS[0], "light", false);
  const plain = await looks.mainText(page);
  add(`${looks.WIDTHS[0]} light`, looks.scriptFaults(plain, full));
  await context.close();
  return { ...weight, characters: plain.length };
}

/** Resolve to what html-validate has against any page of the site. */
async function markupFaults(folder) {
  const validator = new HtmlValidate(HTML_RULES);
  const faults = [];
  for (const name of htmlFiles(folder)) {
    const report = await validator.validateString(readFileSync(join(folder, name), "utf8"), name);
    for (const { ruleId, message, line, selector } of report.results.flatMap((result) => result.messages)) {
      faults.push({ page: name, rule: `html ${ruleId}`, element: `line ${line}, ${selector ?? "page"}: ${message}` });
    }
  }
  return faults;
}

/** Resolve to Lighthouse's scores, as on a mid-range telephone; the better of two runs where the first falls short. */
async function rate(browser, url, kind, faults) {
  const port = Number(new URL(browser.wsEndpoint()).port);
  let best;
  for (let tries = 0; tries < 2; tries += 1) {
    const { lhr } = await lighthouse(url, { port, output: "json", logLevel: "silent", onlyCategories: CATEGORIES });
    if (lhr.runtimeError) throw new Error(`Lighthouse: ${lhr.runtimeError.message}`);
    if (!best || lhr.categories.performance.score > best.categories.performance.score) best = lhr;
    if (best.categories.performance.score >= LEAST) break; // only speed varies from run to run
  }
  const scores = {};
  for (const [name, { score, auditRefs }] of Object.entries(best.categories)) {
    scores[name] = score;
    if (score >= LEAST) continue;
    const lost = auditRefs.filter(({ id, weight }) => weight && (best.audits[id].score ?? 1) < 0.9).map(({ id }) => best.audits[id]);
    const reasons = lost.map(({ id, displayValue, details }) => [id, displayValue, elementOf(details)].filter(Boolean).join(" "));
    faults.push({ page: kind, rule: `lighthouse ${name}`, element: `${score} of ${LEAST}: ${reasons.join("; ")}` });
  }
  return scores;
}

/** Return the first thing that a Lighthouse audit points at, or "". */
function elementOf(details) {
  const item = details?.items?.[0] ?? {};
  return item.node?.selector ?? item.sourceLocation?.url ?? item.url ?? item.description ?? "";
}

/** Start Chromium so that it reaches nothing but this machine. */
function launch() {
  return puppeteer.launch({
    executablePath: chromium(),
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
    protocolTimeout: 60_000,
  });
}

/** Return the path of the browser: $CHROMIUM, or the first of the usual names on the PATH. */
function chromium() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const places = [process.env.CHROMIUM, ...names.flatMap((name) => folders.map((folder) => join(folder, name)))];
  const found = places.find((place) => {
    try {
      accessSync(place ?? "", constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error("there is no Chromium: install it, or name its file in $CHROMIUM");
  return found;
}

/** Return the faults with the views that share one gathered in it: { page, rule, element, views }. */
function merged(faults) {
  const found = new Map();
  for (const { page, view: where, rule, element } of faults) {
    const key = JSON.stringify([page, rule, element]);
    if (!found.has(key)) found.set(key, { page, rule, element, views: [] });
    if (where) found.get(key).views.push(where);
  }
  return [...found.values()];
}

/** Return the table: a line for each page, faults counted by what was looked at. */
function table({ faults, pages }) {
  const head = ["page", "axe", "overflow", "requests", "links", "no JS", "html", "bytes", "gzip", "perf", "a11y", "best", "seo"];
  const rows = Object.entries(pages).map(([kind, { file, bytes, gzip, characters, lighthouse: scores }]) => {
    const own = faults.filter(({ page }) => [kind, file].includes(page));
    const count = (start) => own.filter(({ rule }) => rule.startsWith(start)).length;
    const counts = ["axe", "overflow", "requests", "dead link"].map(count);
    const ratings = CATEGORIES.map((name) => (scores ? scores[name].toFixed(2) : ""));
    return [kind, ...counts, `${characters} ch`, count("html"), bytes, gzip, ...ratings].map(String);
  });
  const widths = head.map((_, place) => Math.max(...[head, ...rows].map((row) => row[place].length)));
  return [head, ...rows].map((row) => row.map((cell, place) => cell.padEnd(widths[place])).join("  ").trimEnd()).join("\n");
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { baseurl: { type: "string", default: "" }, "no-lighthouse": { type: "boolean", default: false } },
  });
  const folder = resolve(positionals[0] ?? "");
  if (positionals.length !== 1 || !existsSync(folder)) throw new Error("name one folder with a built site");
  const base = values.baseurl.replace(/^\/*/, "/").replace(/\/+$/, "");
  const result = await check(folder, { base, withLighthouse: !values["no-lighthouse"] });
  for (const { page, views, rule, element } of result.faults) {
    console.log(`${page}${views.length ? ` [${views.join(", ")}]` : ""} ${rule}: ${element}`);
  }
  console.log(`\n${table(result)}\n`);
  console.log(JSON.stringify({ ok: result.faults.length === 0, ...result }));
  process.exitCode = result.faults.length ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  main().catch((error) => {
    console.error(`check: ${error.message}`);
    process.exitCode = 2;
  });
}
