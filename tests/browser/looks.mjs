// What is measured of one page in the browser. Every function returns faults: { rule, element }.

import axe from "axe-core";
import { gzipSync } from "node:zlib";
import { fileFor } from "./site.mjs";

export const WIDTHS = [360, 1280]; // CSS pixels
export const SCHEMES = ["light", "dark"];
export const MAX_WEIGHT = 60_000; // bytes of a page without its pictures, before compression

/** Open `url` as a window of `width` pixels in a colour scheme would; resolve to what it fetched. */
export async function open(page, url, width, scheme, scripts = true) {
  const fetched = [];
  const note = (response) => fetched.push(response);
  const failed = [];
  const noteFailed = (request) => failed.push(request);
  page.on("response", note);
  page.on("requestfailed", noteFailed);
  await page.setJavaScriptEnabled(scripts);
  await page.setViewport({ width, height: 800, isMobile: width < 500, hasTouch: width < 500 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(url, { waitUntil: "load" });
  if (scripts) await page.evaluate(showAll);
  page.off("response", note);
  page.off("requestfailed", noteFailed);
  return { fetched, failed };
}

/** In the page: scroll through it, so that lazy pictures come, and wait a little for whatever is late. */
async function showAll() {
  window.scrollTo(0, document.documentElement.scrollHeight);
  const settled = (image) => new Promise((done) => ["load", "error"].forEach((name) => image.addEventListener(name, done)));
  const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  await later(50);
  await Promise.race([Promise.all([...document.images].filter((image) => !image.complete).map(settled)), later(5000)]);
  window.scrollTo(0, 0);
}

/** Requests that left the site's host, and files of the site that are not there. */
export function requestFaults({ fetched, failed }, url) {
  const origin = new URL(url).origin;
  const asked = [...fetched.map((response) => response.url()), ...failed.map((request) => request.url())];
  const outside = asked.filter((address) => /^(https?|wss?):/.test(address) && new URL(address).origin !== origin);
  const missing = fetched.filter((response) => response.status() >= 400 && response.url() !== url);
  return [
    ...new Set(outside.map((address) => `left the host: ${address}`)),
    ...new Set(missing.map((response) => `answered ${response.status()}: ${new URL(response.url()).pathname}`)),
  ].map((element) => ({ rule: "requests", element }));
}

/** Links into the site that lead nowhere. */
export async function linkFaults(page, folder, base) {
  const paths = await page.evaluate(() =>
    [...document.querySelectorAll("a[href], link[href]")]
      .map((link) => new URL(link.href, document.baseURI))
      .filter((address) => address.origin === location.origin)
      .map((address) => address.pathname),
  );
  const dead = (path) => !path.startsWith(`${base}/`) || !fileFor(folder, path.slice(base.length));
  return [...new Set(paths)].filter(dead).map((path) => ({ rule: "dead link", element: path }));
}

/** What axe-core (dequeuelabs.com/axe) finds against WCAG and its own best practices. */
export async function accessFaults(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => {
      const data = node.any[0]?.data;
      const ratio = data?.contrastRatio ? ` (${data.contrastRatio} of ${data.expectedContrastRatio})` : "";
      return { rule: `axe ${id}`, element: `${node.target.join(" ")}${ratio}` };
    }),
  );
}

/** Whatever is wider than the window; what scrolls or is clipped inside its own box may be. */
export async function overflowFaults(page, width) {
  return page.evaluate((limit) => {
    const name = (element) => {
      const classes = typeof element.className === "string" ? element.className.trim().split(/\s+/).filter(Boolean) : [];
      return [element.localName, ...(element.id ? [`#${element.id}`] : []), ...classes.map((word) => `.${word}`)].join("");
    };
    const held = (element) => {
      for (let above = element.parentElement; above && above !== document.body; above = above.parentElement) {
        const { right, left } = above.getBoundingClientRect();
        if (getComputedStyle(above).overflowX !== "visible" && right <= limit + 0.5 && left >= -0.5) return true;
      }
      return false;
    };
    const root = document.documentElement;
    const found = [];
    if (root.scrollWidth > Math.min(limit, root.clientWidth)) {
      found.push({ rule: "overflow", element: `page is ${root.scrollWidth} wide in ${limit}` });
    }
    const reach = (element) => {
      const { left, right } = element.getBoundingClientRect();
      const spills = getComputedStyle(element).overflowX === "visible" && element.clientWidth > 0; // an endless word
      return [left, spills ? Math.max(right, left + element.scrollWidth) : right];
    };
    const sticksOut = (element) => {
      const { right, width, height } = element.getBoundingClientRect();
      const unseen = width <= 1 || height <= 1 || right <= 0; // a skip link waits on the left until it has the focus
      const [from, to] = reach(element);
      return !unseen && (to > limit + 0.5 || from < -0.5) && !held(element);
    };
    const guilty = [...document.body.querySelectorAll("*")].filter(sticksOut);
    // Boxes around a culprit are as wide as it is: the innermost are named.
    for (const element of guilty.filter((one) => !guilty.some((other) => other !== one && one.contains(other)))) {
      const [from, to] = reach(element).map(Math.round);
      found.push({ rule: "overflow", element: `${name(element)} spans ${from} to ${to}` });
    }
    return found;
  }, width);
}

/** Return the visible text of the page's main part. */
export function mainText(page) {
  return page.evaluate(() =>
    (document.querySelector("main, [role=main]") ?? document.body).innerText.replace(/\s+/g, " ").trim(),
  );
}

/** Main text that only scripts bring to light: `plain` is what a reader without scripts sees. */
export function scriptFaults(plain, full) {
  if (plain && plain.length >= 0.9 * full.length) return [];
  return [{ rule: "no scripts", element: `main shows ${plain.length} characters of ${full.length}` }];
}

/** Resolve to { bytes, gzip } of what a page fetches, pictures left out. */
export async function weigh({ fetched }) {
  const weight = { bytes: 0, gzip: 0 };
  for (const response of fetched) {
    const isPicture = response.request().resourceType() === "image" || /^image\//.test(response.headers()["content-type"] ?? "");
    if (isPicture || response.status() >= 300 && response.status() < 400 || !/^http/.test(response.url())) continue;
    const body = await response.buffer();
    weight.bytes += body.length;
    weight.gzip += gzipSync(body).length;
  }
  return weight;
}
