// The check itself: every kind of fault is found and named, and a sound site has none.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { check } from "./check.mjs";

const STYLE = `:root { color-scheme: light dark; --ink: #1d2125; --paper: #fdfdfc; --link: #0b57a4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e4df; --paper: #16181b; --link: #8ab9f5; } }
body { margin: 1rem; background: var(--paper); color: var(--ink); } a { color: var(--link); }
.skip { position: absolute; left: -999rem; } pre { overflow-x: auto; }`;

function page(body, { head = "", base = "" } = {}) {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; style-src 'unsafe-inline'; script-src 'none'; img-src *">
<title>A page</title>
<link rel="icon" href="${base}/icon.png">
<style>${STYLE}</style>
${head}
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<main id="main">
<h1>A page</h1>
<p>Words enough for somebody to read, and <a href="${base}/archive/">older issues</a>.</p>
${body}
</main>
</body>
</html>
`;
}

/** Check a site made of { path: text }; resolve to its faults as "page rule views". */
async function faultsOf(pages, { base = "", siteBase = base } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "site-"));
  const body = `<pre tabindex="0">${"a very long line of code ".repeat(20)}</pre>`;
  const made = {
    "index.html": page(body, { base: siteBase }),
    "archive/index.html": page("", { base: siteBase }),
    "2024/07/19/week-29-2024.html": page("", { base: siteBase }),
    "icon.png": "",
    ...pages,
  };
  try {
    for (const [name, text] of Object.entries(made)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      if (text !== null) writeFileSync(join(folder, name), text);
    }
    const { faults } = await check(folder, { base, withLighthouse: false });
    return faults.map((fault) => ({ ...fault, short: [fault.page, fault.rule, ...fault.views].join(" ") }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a sound site has no faults", async () => {
  assert.deepEqual(await faultsOf({ "404.html": page(""), "tags/chips/index.html": page("") }), []);
});

test("a sound site below a path has no faults", async () => {
  assert.deepEqual(await faultsOf({}, { base: "/letter" }), []);
});

test("links and pictures that forget the site's path are named", async () => {
  const found = await faultsOf({ "archive/index.html": page('<img src="/icon.png" alt="">') }, { base: "/letter", siteBase: "" });
  assert.ok(found.some(({ page: kind, rule, element }) => kind === "home" && rule === "dead link" && element === "/archive/"));
  assert.ok(found.some(({ page: kind, rule }) => kind === "archive" && rule === "requests"));
});

test("missing pages are named", async () => {
  const found = await faultsOf({ "archive/index.html": null });
  assert.deepEqual(found.map(({ short }) => short), ["archive missing", "home dead link", "post dead link"]);
});

test("every fault is named with its page, its element and the views that show it", async () => {
  const dark = "<style>@media (prefers-color-scheme: dark) { p { color: #444; } }</style>";
  const scripted = '<p id="late">.</p><script>late.textContent = "word ".repeat(100)</script>';
  const found = await faultsOf({
    "index.html": page('<p style="width: 500px">wide</p>'),
    "archive/index.html": page(`<p>${"W".repeat(300)}</p>`),
    "2024/07/19/week-29-2024.html": page("<h2>Quiet</h2>", { head: dark }),
    "tags/chips.html": page('<img src="http://spy.example/pixel.png" alt="">'),
    "about/index.html": page('<img src="/none.png" alt="">', { head: `<style>/* ${"x".repeat(60_000)} */</style>` }),
    "404.html": page(scripted).replace("script-src 'none'", "script-src 'unsafe-inline'"),
    "other.html": page("<p>one<div>two</p></div>"),
  });
  const told = found.map(({ short, element }) => `${short}: ${element}`);
  const narrow = "360 light 360 dark";
  const wide = "1280 light 1280 dark";
  const expected = [
    `home overflow ${narrow}: page is 516 wide in 360`,
    `home overflow ${narrow}: p spans 16 to 516`,
    /^archive overflow 360 light 360 dark 1280 light 1280 dark: p spans 16 to \d{4}$/,
    /^post axe color-contrast 360 dark 1280 dark: p \(1\.\d+ of 4\.5:1\)$/,
    `tag requests ${narrow} ${wide}: left the host: http://spy.example/pixel.png`,
    `about requests ${narrow} ${wide}: answered 404: /none.png`,
    /^about weight: 6\d{4} bytes without pictures, 60000 allowed$/,
    /^not found no scripts 360 light: main shows \d\d characters of 5\d\d$/,
    /^other\.html html close-order: line \d+, /,
  ];
  for (const wanted of expected) {
    assert.ok(told.some((line) => (wanted instanceof RegExp ? wanted.test(line) : line === wanted)), `${wanted}\n${told.join("\n")}`);
  }
  const clean = found.filter(({ page: kind, rule }) => kind === "post" && !rule.startsWith("axe"));
  assert.deepEqual(clean, []);
});
