// The dialogs: one that asks for texts, one that shows a list, one before publishing. The browser keeps the focus inside.

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
  dialog.close();
  away(dialog);
}

export function shut() {
  for (const dialog of all()) if (dialog.open) close(dialog);
}

/**
 * Ask for texts and hand them to `keep`, which may throw: then its sentence is shown and the dialog stays.
 * A field is { name, label, value, rows (0: one line), options, note }.
 */
export function ask(title, fields, keep, verb = "Keep") {
  shut();
  const dialog = byId("ask");
  byId("ask-name").textContent = title;
  byId("ask-ok").textContent = verb;
  byId("ask-fault").textContent = "";
  byId("ask-fields").replaceChildren(...fields.flatMap(made));
  const form = dialog.querySelector("form");
  form.onsubmit = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(fields.map(({ name }) => [name, byId(`ask-${name}`).value]));
    try {
      await keep(values);
      if (byId("ask-name").textContent === title) close(dialog);
    } catch (error) {
      byId("ask-fault").textContent = error.message;
    }
  };
  dialog.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  };
  dialog.showModal();
  byId(`ask-${fields[0].name}`)?.focus();
}

function made({ name, label, value = "", rows = 0, options = null, note = "" }) {
  const said = document.createElement("label");
  said.textContent = label;
  said.htmlFor = `ask-${name}`;
  const field = document.createElement(options ? "select" : rows ? "textarea" : "input");
  field.id = `ask-${name}`;
  if (options) field.append(...options.map(([shown, own]) => new Option(shown, own, own === value, own === value)));
  else field.value = value;
  if (rows) field.rows = rows;
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
  byId("pane-body").querySelector("button")?.focus();
}

export function beforePublishing() {
  shut();
  byId("go").showModal();
  // What stands in the way comes first; with nothing in the way, Enter publishes.
  const blocked = Boolean(byId("left").querySelector("[data-stops]"));
  byId("go-ok").disabled = blocked;
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
