// Asking the server, and the one place where its HTML becomes part of the page. The server escapes every text; the policy's
// name is the only one that the Content-Security-Policy lets make HTML.

const policy = globalThis.trustedTypes?.createPolicy("review", { createHTML: (html) => html }) ?? { createHTML: (html) => html };

/** What the server refused, in a sentence for the editor; `item` where a take has to be written by hand. */
export class Refused extends Error {
  constructor(sentence, { status = 0, item = null } = {}) {
    super(sentence);
    this.status = status;
    this.item = item;
  }
}

/** Put HTML of our server into `element`. */
export function fill(element, html) {
  const holder = document.createElement("template");
  holder.innerHTML = policy.createHTML(html);
  element.replaceChildren(holder.content);
}

async function answer(path, options) {
  let reply;
  try {
    reply = await fetch(path, { cache: "no-store", credentials: "omit", ...options });
  } catch {
    throw new Refused("The server has ended. Start 'weeklyai review' again; what you kept is in the file, what you type is held by this browser.");
  }
  if (reply.ok) return reply;
  let said = {};
  try {
    said = await reply.json();
  } catch {
    // not from the application
  }
  const gone = "This page belongs to a server that has ended: open the address that 'weeklyai review' printed last.";
  throw new Refused(said.error ?? (reply.status === 404 ? gone : `The server answered with ${reply.status}.`), { status: reply.status, item: said.item });
}

export const text = async (path, options) => (await answer(path, options)).text();
export const json = async (path, options) => (await answer(path, options)).json();

/** Return the options of a POST that the guard lets through. */
export const posting = (values, more = {}) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(values),
  ...more,
});
