// A built site: its pages by kind, and a server for it on the loopback address that behaves like GitHub Pages.

import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, relative, sep } from "node:path";
import { createGzip } from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".xml": "application/xml",
  ".txt": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

// Of each kind the largest page is taken: it is the likeliest to break.
const KINDS = {
  home: /^index\.html$/,
  archive: /^archive(\/index)?\.html$/,
  post: /^\d{4}\/\d\d\/\d\d\/.+\.html$/,
  topics: /^(tags|topics)(\/index)?\.html$/,
  tag: /^(tags?|topics?)\/.+\.html$/,
  about: /^about(\/index)?\.html$/,
  "not found": /^404\.html$/,
};

/** Return the paths of all HTML files in `folder`, with "/" between names. */
export function htmlFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => name.split(sep).join("/"))
    .filter((name) => name.endsWith(".html"))
    .sort();
}

/** Return { kind: file } with one file of each kind that the site has. */
export function pagesOf(folder) {
  const size = (name) => statSync(join(folder, name)).size;
  const found = {};
  for (const name of htmlFiles(folder)) {
    const kind = Object.keys(KINDS).find((key) => KINDS[key].test(name));
    if (kind && !(found[kind] && size(found[kind]) >= size(name))) found[kind] = name;
  }
  return Object.fromEntries(Object.keys(KINDS).filter((kind) => found[kind]).map((kind) => [kind, found[kind]]));
}

/** Return the file that answers `path` (as in an address, without base), or null. */
export function fileFor(folder, path) {
  let name;
  try {
    name = normalize(join(folder, decodeURIComponent(path)));
  } catch {
    return null;
  }
  if (relative(folder, name).startsWith("..")) return null;
  const isFile = (candidate) => existsSync(candidate) && statSync(candidate).isFile();
  const tries = path.endsWith("/") ? [join(name, "index.html")] : [name, `${name}.html`, join(name, "index.html")];
  return tries.find(isFile) ?? null;
}

/** Serve `folder` below `base` ("" or "/x"); resolve to { origin, close }. */
export function serve(folder, base) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://127.0.0.1").pathname;
    const inside = path.startsWith(`${base}/`);
    const file = inside ? fileFor(folder, path.slice(base.length)) : null;
    const sent = file ?? fileFor(folder, "/404.html");
    const type = sent ? (TYPES[extname(sent)] ?? "application/octet-stream") : "text/plain";
    const small = /^(text|application\/(json|xml)|image\/svg)/.test(type) && /\bgzip\b/.test(request.headers["accept-encoding"]);
    response.writeHead(file ? 200 : 404, {
      "Content-Type": type,
      "Cache-Control": "max-age=600",
      ...(small && sent ? { "Content-Encoding": "gzip" } : {}),
    });
    if (!sent) response.end("not found");
    else if (small) createReadStream(sent).pipe(createGzip()).pipe(response);
    else createReadStream(sent).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const close = () => {
        server.close();
        server.closeAllConnections();
      };
      resolve({ origin: `http://127.0.0.1:${server.address().port}`, close });
    });
  });
}
