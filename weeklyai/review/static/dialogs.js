// The dialogs: one that asks for texts, one that shows a list, one before publishing. The browser keeps the focus inside.

import * as jots from "./jots.js";
import { fill } from "./net.js";

const byId = (id) => document.getElementById(id);
const all = () => [byId("ask"), byId("pane"), byId("go")];

export const anyOpen = () => all().some((dialog) => dialog.open);

let home = () => {};

/** Say where the focus goes when a dialog closes over an element that is gone by now. */
export function leaving(focus) {
  home = focus;
  for (const dialog of all()) dialog.addEventListener("close", () => away(dialog));
}

function away(dialog) {
  // A closed dialog keeps the focus until the next frame, and would swallow a key.
  const { activeElement } = document;
  if (activeElement === document.body || dialog.contains(activeElement)) home();
}

function close(dialog) {
  jots.flush();
  dialog.close();
  away(dialog);
}

export function shut() {
  for (const dialog of all()) if (dialog.open) close(dialog);
}

/**
 * Ask for texts and hand them to `keep`, which may throw: then its sentence is shown and the dialog stays.
 * A field is { name, label, value, rows (0: one line), wraps (it shows in rows, and is one line still), options, note, jot }. Enter
 * keeps, but in a field of several lines or a choice, where Ctrl+Enter does. What is typed in one with a `jot` is kept under that
 * name until it is kept or thrown away; `keep` is told in `was_NAME` what stood there when the typing began.
 */
export function ask(title, fields, keep, verb = "Keep") {
  shut();
  const dialog = byId("ask");
  byId("ask-name").textContent = title;
  const plain = fields.every(({ rows, wraps, options }) => !options && (!rows || wraps));
  byId("ask-ok-verb").textContent = verb;
  byId("ask-ok-key").textContent = plain ? "Enter" : "Ctrl Enter";
  byId("ask-fault").textContent = "";
  const known = fields.filter(({ jot }) => jot);
  const typed = () => Object.fromEntries(known.map(({ name, jot, value = "" }) => [name, jots.typed(jot) ?? { text: value, was: value }]));
  const began = typed();
  byId("ask-fields").replaceChildren(...fields.flatMap((field) => made({ ...field, value: began[field.name]?.text ?? field.value })));
  told(known, began);
  const form = dialog.querySelector("form");
  form.onsubmit = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(fields.map(({ name }) => [name, byId(`ask-${name}`).value]));
    const was = Object.fromEntries(known.map(({ name }) => [`was_${name}`, began[name].was]));
    try {
      await keep(values, was).catch((error) => {
        if (error.status !== 409) throw error; // else it is kept in a file, and shown
      });
      const gone = jots.forget(known.map(({ jot }) => jot));
      if (byId("ask-name").textContent === title) close(dialog);
      await gone;
    } catch (error) {
      byId("ask-fault").textContent = error.message;
    }
  };
  dialog.onkeydown = (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    if (!(event.ctrlKey || event.metaKey || event.target.dataset.wraps)) return;
    event.preventDefault();
    form.requestSubmit();
  };
  for (const { name, jot } of known) {
    const field = byId(`ask-${name}`);
    field.oninput = () => jots.note(jot, field.value, began[name].was);
  }
  byId("ask-discard").onclick = () => {
    quietly(jots.forget(known.map(({ jot }) => jot)));
    close(dialog);
  };
  dialog.showModal();
  byId(`ask-${fields[0].name}`)?.focus();
}

const quietly = (promise) => promise.catch(() => {});

/** Say that a dialog begins with words typed earlier, and whether the draft says something else since. */
function told(known, began) {
  const before = known.filter(({ name, value = "" }) => began[name].text !== value);
  byId("ask-discard").hidden = before.length === 0;
  const moved = before.some(({ name, value = "" }) => began[name].was !== value);
  byId("ask-before").textContent = before.length === 0 ? "" : `You typed this earlier and did not keep it.${moved ? " The draft was changed since: keep this, and you see both versions." : ""}`;
}

function made({ name, label, value = "", rows = 0, wraps = false, options = null, note = "" }) {
  const said = document.createElement("label");
  said.textContent = label;
  said.htmlFor = `ask-${name}`;
  const field = document.createElement(options ? "select" : rows ? "textarea" : "input");
  field.id = `ask-${name}`;
  if (options) field.append(...options.map(([shown, own]) => new Option(shown, own, own === value, own === value)));
  else field.value = value;
  if (rows) field.rows = rows;
  if (wraps) field.dataset.wraps = "yes";
  const parts = [said, field];
  if (note) {
    const more = document.createElement("p");
    more.className = "quiet aside";
    more.textContent = note;
    parts.push(more);
  }
  return parts;
}

/** Show HTML of our server, or nodes, in the wide dialog. */
export function pane(title, content) {
  shut();
  byId("pane-name").textContent = title;
  if (typeof content === "string") fill(byId("pane-body"), content);
  else byId("pane-body").replaceChildren(content);
  byId("pane").showModal();
  (byId("pane-body").querySelector("li button") ?? byId("pane").querySelector("[data-do=shut]")).focus();
}

export function beforePublishing() {
  shut();
  byId("go").showModal();
  // What stands in the way comes first; with nothing in the way, Enter publishes.
  const blocked = Boolean(byId("left").querySelector("[data-stops]"));
  byId("go-ok").hidden = blocked;
  (blocked ? byId("left").querySelector("button") ?? byId("go").querySelector("[data-do=shut]") : byId("go-ok")).focus();
}

/** The up and down keys walk through a dialog's buttons. */
export function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  const dialog = [byId("pane"), byId("go")].find((one) => one.open);
  if (!step || !dialog || event.ctrlKey || event.metaKey || event.altKey) return;
  const buttons = [...dialog.querySelectorAll("button:not(:disabled)")];
  buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length]?.focus();
  event.preventDefault();
}
