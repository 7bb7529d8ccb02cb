// What is typed and not kept yet: the server has it after every pause. Until it says so this browser holds it too, and hands it
// over when the page is opened again; so neither a closed page nor a killed server loses it.

import { posting, text } from "./net.js";

const PAUSE = 250; // milliseconds
const shelf = `typed ${document.body.dataset.draft} `;
let jots = {}; // by field: [text, what stood there when the typing began]
let waiting = null; // { name, text, was }: typed since the last pause
let timer = 0;
let sending = Promise.resolve();

/** Send what was typed to `path`; on the way it also lies in this browser. `hold` keeps it there without sending. */
export async function send(path, values, more = {}) {
  hold(path, values);
  const slot = slotOf(path, values);
  const held = localStorage.getItem(slot);
  const answer = await text(path, posting(values, more));
  if (localStorage.getItem(slot) === held) localStorage.removeItem(slot);
  return answer;
}

export const hold = (path, values) => localStorage.setItem(slotOf(path, values), JSON.stringify(values));
export const release = (path, values) => localStorage.removeItem(slotOf(path, values));
const slotOf = (path, { key, name }) => `${shelf}${path} ${key ?? name}`;

/** Hand over what a server that is gone did not take. */
export async function handOver() {
  for (const slot of Object.keys(localStorage).filter((one) => one.startsWith(shelf))) {
    const path = slot.slice(shelf.length).split(" ", 1)[0];
    await send(path, JSON.parse(localStorage.getItem(slot))).catch(() => {});
  }
}

/** The server's list of what was typed in dialogs. */
export const fresh = (found) => (jots = waiting ? { ...found, [waiting.name]: jots[waiting.name] } : found);

/** Return what was typed in a field and not kept as { text, was }, or null. */
export const typed = (name) => (jots[name] ? { text: jots[name][0], was: jots[name][1] } : null);

/** Something was typed in a field. */
export function note(name, value, was) {
  if (waiting && waiting.name !== name) flush();
  jots[name] = [value, was];
  waiting = { name, text: value, was };
  hold("jot", waiting);
  clearTimeout(timer);
  timer = setTimeout(flush, PAUSE);
}

/** Send what waits for a pause in typing. */
export function flush(more = {}) {
  clearTimeout(timer);
  if (!waiting) return;
  const values = waiting;
  waiting = null;
  const sent = send("jot", values, more).catch(() => {});
  sending = Promise.all([sending, sent]);
}

/** Forget what was typed in these fields: it is kept now, or thrown away. */
export async function forget(names) {
  if (waiting && names.includes(waiting.name)) waiting = null;
  clearTimeout(timer);
  flush();
  await sending;
  for (const name of names) {
    delete jots[name];
    await send("jot", { name, text: "", was: "" }).catch(() => {});
  }
}

addEventListener("pagehide", () => flush({ keepalive: true }));
document.addEventListener("visibilitychange", () => document.hidden && flush({ keepalive: true }));
