// The window in which a take is edited, above its evidence. Every pause in typing sends the text to be checked, and the
// server keeps what was typed: a closed page or a killed server loses nothing.

import { hold, release, send } from "./jots.js";
import { fill } from "./net.js";

const PAUSE = 250; // milliseconds
const byId = (id) => document.getElementById(id);
const form = byId("editor");
const field = byId("typed");
let open = null; // { key, was, sent }
let timer = 0;
let round = 0;
let asking = Promise.resolve(); // the check under way: it must not come after the text is kept

export const isOpen = (key) => open !== null && (key === undefined || open.key === key);

/** Open the editor on a story: `was` is the draft's take when the typing began, `value` what the field begins with. */
export function start({ key, headline, was, now, value }) {
  if (open) close();
  open = { key, was, now, sent: was };
  byId("meanwhile").hidden = was === now;
  byId("editor-of").textContent = headline;
  field.value = value;
  form.hidden = false;
  grow();
  byId("mirror").replaceChildren();
  byId("reasons").replaceChildren();
  field.focus();
  field.setSelectionRange(value.length, value.length);
  check();
}

/** Close the editor; what was typed stays with the server. */
export function close() {
  if (!open) return;
  clearTimeout(timer);
  hand();
  show(open.now);
  open = null;
  form.hidden = true;
}

/** Forget what was typed in the window that is open. */
export function forget() {
  clearTimeout(timer);
  round += 1;
  if (open) {
    show(open.now);
    release("check", open);
  }
  open = null;
  form.hidden = true;
}

/** Resolve to what is to be kept: { key, was, text }, and `sent`, which the server keeps as typed until then. */
export async function typed() {
  clearTimeout(timer);
  await asking;
  return open && { key: open.key, was: open.was, text: field.value, sent: open.sent };
}

/** The draft has this take by now: what is typed is held against it when it is kept. */
export function look(key, take) {
  if (!isOpen(key)) return;
  if (field.value === open.was) {
    open.was = take;
    field.value = take;
    grow();
  }
  open.now = take;
  byId("meanwhile").hidden = open.was === take;
}

function check() {
  if (open) asking = checked();
}

async function checked() {
  const { key, was } = open;
  const mine = ++round;
  const value = field.value;
  open.sent = value;
  try {
    const html = await send("check", { key, text: value, was });
    if (mine !== round || !open) return;
    fill(byId("reasons"), html);
    const mirror = byId("reasons").querySelector(".mirror");
    byId("mirror").replaceChildren(...mirror.childNodes);
    mirror.remove();
  } catch (error) {
    byId("reasons").textContent = error.message;
  }
}

/** Send what was typed since the last check, also while the page goes away. */
function hand() {
  if (!open || field.value === open.sent) return;
  open.sent = field.value;
  send("check", { key: open.key, text: field.value, was: open.was }, { keepalive: true }).catch(() => {});
}

/** Show the words in the post as they will look. */
function show(words) {
  const shown = document.querySelector(`#item-${CSS.escape(open.key)} .take`);
  if (shown) shown.textContent = words;
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

field.addEventListener("input", () => {
  grow();
  show(field.value);
  byId("mirror").replaceChildren();
  hold("check", { key: open.key, text: field.value, was: open.was });
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
});
addEventListener("pagehide", hand);
document.addEventListener("visibilitychange", () => document.hidden && hand());
