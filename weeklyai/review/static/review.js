// The review page: what is looked at, what the keys and buttons do, and keeping up with the file.

import * as dialogs from "./dialogs.js";
import { dragging } from "./drag.js";
import * as editor from "./editor.js";
import * as jots from "./jots.js";
import { fill, json, posting, Refused, text } from "./net.js";

const EVERY = 700; // milliseconds between two looks whether the file changed
const byId = (id) => document.getElementById(id);
const last = new Map(); // the HTML that each element was filled with
let now = {}; // the values of the last parts
let looking = ""; // the key of the story that is looked at
let busy = Promise.resolve(); // one action after the other
let turn = Promise.resolve(); // one key or button after the other: each sees what the one before did
let opening = false; // a field or a list is about to open: what is typed meanwhile is meant for it, and is no command
let asked = 0; // fetches of evidence, so that a late one is not shown

// --- showing ------------------------------------------------------------------------------------------------------------

const keys = () => [...document.querySelectorAll("#list li[data-key]")].map((item) => item.dataset.key);
const shown = () => byId("evidence").querySelector(".shown")?.dataset;
const say = (sentence, bad = false) => {
  byId("status").textContent = sentence;
  byId("status").classList.toggle("fault", bad);
};

/**
 * Bring the page to what the server says; what did not change is not touched, and the focus stays where it was.
 * `about` is the story that was looked at when it was asked: somebody may have gone on since.
 */
async function show(parts, about) {
  const focus = document.activeElement?.id;
  const place = keys().indexOf(looking);
  now = parts;
  jots.fresh(parts.jots);
  document.title = `${parts.title} - review`;
  byId("title").textContent = parts.title;
  byId("go-name").textContent = `Publish ${parts.title}`;
  byId("undo").disabled = !parts.undo;
  byId("undo").title = parts.undo;
  for (const [id, html] of Object.entries(parts.elements)) {
    if (last.get(id) === html || (id === "evidence" && about !== looking)) continue;
    if (id === "evidence") asked += 1; // an answer that is under way is older
    last.set(id, html);
    fill(byId(id), html);
  }
  if (!keys().includes(looking)) {
    looking = keys()[Math.min(Math.max(place, 0), keys().length - 1)] ?? "";
    if (looking) await pick(looking);
    else byId("evidence").replaceChildren();
  } else {
    mark();
    if (shown()) editor.look(looking, shown().take);
  }
  if (focus && document.activeElement === document.body) byId(focus)?.focus();
}

function mark() {
  for (const item of document.querySelectorAll("#list [data-pick], #sheet .item")) {
    const own = (item.dataset.pick ?? item.dataset.key) === looking;
    item.toggleAttribute("aria-current", own);
    if (own) item.setAttribute("aria-current", "true");
  }
}

/** Look at a story: mark it in both columns, show its evidence. */
async function pick(key, { focus = false, panel = "", scroll = true } = {}) {
  if (!key) return;
  if (editor.isOpen() && !editor.isOpen(key)) editor.close();
  looking = key;
  history.replaceState(null, "", `#${key}`);
  mark();
  if (scroll) for (const id of [`item-${key}`, `pick-${key}`]) byId(id)?.scrollIntoView({ block: "nearest" });
  if (focus) byId(`pick-${key}`)?.focus({ preventScroll: true });
  if (panel) showPanel(panel);
  const mine = ++asked;
  try {
    const html = await text(`evidence/${key}`);
    if (mine !== asked) return;
    last.set("evidence", html);
    fill(byId("evidence"), html);
    byId("proof").scrollTop = 0;
  } catch (error) {
    say(error.message, true);
  }
}

function step(by) {
  const all = keys();
  const place = all.indexOf(looking) + by;
  return pick(all[Math.min(Math.max(place, 0), all.length - 1)], { focus: true });
}

function showPanel(name) {
  document.body.dataset.panel = name;
  for (const button of document.querySelectorAll("[data-panel-of]")) {
    button.setAttribute("aria-pressed", String(button.dataset.panelOf === name));
  }
}

// --- acting -------------------------------------------------------------------------------------------------------------

/** Have the server do something and show what came of it, then look at `next`; a refusal is said and thrown. */
function act(action, values = {}, next = "", { quiet = false } = {}) {
  const done = busy.then(async () => {
    if (!quiet) say("…");
    const about = next || looking;
    try {
      const parts = await json("act", posting({ action, looking: about, ...values }));
      if (next) looking = next;
      await show(parts, about);
      if (next) arrive();
      say(parts.said);
    } catch (error) {
      say(error.message, true);
      if (error instanceof Refused && error.status === 409) await load();
      throw error;
    }
  });
  busy = done.catch(() => {});
  return done;
}

const quietly = (promise) => promise.catch(() => {});
const story = () => ({ key: looking, ...shown() });

async function accept() {
  const { key, take, accepted } = story();
  if (editor.isOpen(key)) return;
  const all = keys();
  const next = all.slice(all.indexOf(key) + 1).find((one) => !byId(`pick-${one}`)?.closest("li").classList.contains("accepted"));
  await act("accept", { key, take, on: !accepted }, accepted ? "" : next);
}

function drop() {
  const { key, take } = story();
  const all = keys();
  const place = all.indexOf(key);
  return act("drop", { key, was: take }, all[place + 1] ?? all[place - 1]);
}

/** Come to the story that is looked at by now. */
function arrive() {
  if (editor.isOpen() && !editor.isOpen(looking)) editor.close();
  history.replaceState(null, "", `#${looking}`);
  for (const id of [`item-${looking}`, `pick-${looking}`]) byId(id)?.scrollIntoView({ block: "nearest" });
  byId(`pick-${looking}`)?.focus({ preventScroll: true });
  byId("proof").scrollTop = 0;
}

/** Take the last change back; a story that was dropped is looked at again. */
async function undo() {
  const there = new Set(keys());
  await act("undo");
  const back = keys().find((key) => !there.has(key));
  if (back) await pick(back, { focus: true });
}

function edit(value) {
  const { key, take, headline, jot, jotWas } = story();
  showPanel("proof");
  editor.start({ key, headline, was: jot ? jotWas : take, now: take, value: jot || (value ?? take) });
  byId("proof").scrollTop = 0;
}

async function keep() {
  const typed = await editor.typed();
  if (!typed) return;
  try {
    await act("edit", { field: "take", ...typed });
  } catch (error) {
    if (error.status !== 409) throw error; // else it is kept in a file, and shown
  }
  editor.forget();
  byId(`pick-${looking}`)?.focus();
}

function rename() {
  const { key, headline } = story();
  const fields = [{ name: "text", label: "Headline", value: headline, rows: 2, wraps: true, jot: `headline ${key}` }];
  dialogs.ask("Change the headline", fields, ({ text: typed }, { was_text: was }) => act("edit", { key, field: "headline", was, text: typed }));
}

function sign() {
  const { key, person } = story();
  const options = [["The desk", ""], ...now.team.map((name) => [name, name])];
  const value = now.team.includes(person) ? person : "";
  const note = now.team.length ? "A person's name is published once that person has approved this very text." : "Nobody is in the [[team]] of weeklyai.toml yet.";
  dialogs.ask("Who signs this take?", [{ name: "person", label: "Signed by", value, options, note }], (values) => act("assign", { key, ...values }), "Sign");
}

function approve() {
  const { key, person, take, signed } = story();
  if (signed !== "waiting") return say("Only a take that waits for a person's approval can be approved: sign it first (s).", true);
  const fields = [{ name: "person", label: "Type the name of the person who approved it", note: `${person}: “${take}”` }];
  dialogs.ask(`Approve in the name of ${person}`, fields, ({ person: typed }) => {
    if (typed.trim() !== person) throw new Error(`Type exactly: ${person}`);
    return act("approve", { key, person, take });
  }, "Approve");
}

function overrule(button) {
  const { key } = story();
  const chosen = button ?? byId("evidence").querySelector("[data-overrule][data-note='']");
  if (!chosen) return say("Nothing here is unsupported.");
  const { overrule: word, note } = chosen.dataset;
  const fields = [{ name: "note", label: "Why (kept in the evidence)", value: note, jot: `note ${key} ${word}` }];
  dialogs.ask(`Let “${word}” stand`, fields, (values) => act("overrule", { key, text: word, ...values }));
}

function another() {
  say("Looking for another take… (the first one waits for the model)");
  return act("another", { key: looking, was: story().take }, "", { quiet: true });
}

async function choices() {
  const { key } = story();
  say("Looking for other takes… (the first ones wait for the model)");
  const html = await text(`choices/${key}`);
  say("");
  dialogs.pane("Other takes on this story", html);
}

async function rejects() {
  say("Looking for the week's other stories…");
  const html = await text("rejects");
  say("");
  dialogs.pane("Stories that were not chosen", html);
}

function address() {
  dialogs.ask("Add a story by its web address", [{ name: "address", label: "Address", value: "https://" }], (values) => added(values), "Add");
}

/** Add a story; where no take passes the gates, ask the editor for one. */
async function added(values) {
  try {
    await act("add", values);
    dialogs.shut();
    await pick(keys().at(-1), { focus: true });
  } catch (error) {
    if (!error.item) throw error;
    const { item, address: link, headline, text: source } = error.item;
    const fields = [
      { name: "headline", label: "Headline", value: headline, rows: 2, wraps: true, jot: `add ${item || link} headline` },
      { name: "take", label: "Take", rows: 5, note: source, jot: `add ${item || link} take` },
    ];
    dialogs.ask(error.message, fields, (typed) => {
      if (!typed.headline.trim() || !typed.take.trim()) throw new Error("Both are needed.");
      return added({ item, address: link, ...typed });
    }, "Add");
  }
}

const whole = (name, title, rows, label, note = "") => () => {
  const wraps = name === "title" || name === "description";
  const value = now[name === "title" ? "topic" : name];
  if (name === "tldr" && !now.feature) return say("This issue has no feature, so it has no TL;DR.", true);
  return dialogs.ask(title, [{ name: "text", label, value, rows, wraps, note, jot: name }], (values, { was_text: was }) => act(name, { was, ...values }));
};

function mail() {
  const frame = document.createElement("iframe");
  frame.title = "The e-mail edition";
  frame.src = "mail";
  frame.setAttribute("sandbox", "allow-popups");
  dialogs.pane("The e-mail edition", frame);
}

async function load() {
  const about = looking;
  await show(await json(`parts?key=${encodeURIComponent(about)}`), about);
}

/** Bring the page up to date, in turn with the actions: an answer from before one must not be shown after it. */
function refresh() {
  const done = busy.then(load).catch((error) => say(error.message, true));
  busy = done;
  return done;
}

// --- keys ---------------------------------------------------------------------------------------------------------------

// Key, what it does, the function; with `data-do` of the same name, buttons do the same.
const DEEDS = [
  ["j", "next story", "next", () => step(1)],
  ["k", "story before", "before", () => step(-1)],
  ["a", "accept, and on to the next (again: take it back)", "accept", accept],
  ["e", "edit the take", "edit", () => edit()],
  ["w", "write the take by hand", "write", () => edit("")],
  ["n", "another take", "another", another],
  ["c", "choose among takes", "choices", choices],
  ["h", "change the headline", "headline", rename],
  ["o", "let an unsupported word stand, with a note", "overrule", () => overrule()],
  ["s", "sign by the desk or a person", "sign", sign],
  ["p", "approve in that person's name", "approve", approve],
  ["K", "move the story up", "up", () => act("move", { key: looking, by: "-1" })],
  ["J", "move the story down", "down", () => act("move", { key: looking, by: "1" })],
  ["d", "drop the story", "drop", drop],
  ["r", "add one of the stories that were not chosen", "rejects", rejects],
  ["+", "add a story by its web address", "address", address],
  ["t", "set the title", "title", whole("title", "Set the title", 2, "Topic (the title is “Week #… - Topic”)")],
  ["i", "set the description for search results", "description", whole("description", "Set the description", 3, "For search results, 50 to 160 characters")],
  ["l", "edit the TL;DR", "tldr", whole("tldr", "Edit the TL;DR", 6, "Markdown")],
  ["f", "edit the feature", "feature", whole("feature", "Edit the feature", 18, "Markdown", "## Topic, **TL;DR:**, then __Introduction__, sections of its own, __Conclusion__")],
  ["m", "see the e-mail", "mail", mail],
  ["u", "undo", "undo", undo],
  ["P", "publish", "publish", () => dialogs.beforePublishing()],
  ["1", "to the stories", "one", () => toColumn("stories")],
  ["2", "to the post", "two", () => toColumn("post")],
  ["3", "to the evidence", "three", () => toColumn("proof")],
  ["?", "this list", "help", help],
];
const MORE = {
  keep: () => keep(),
  close: () => (editor.close(), byId(`pick-${looking}`)?.focus()),
  discard: async () => (editor.forget(), await act("discard", { key: looking })),
  shut: () => dialogs.shut(),
  "publish-now": () => act("publish").finally(() => dialogs.shut()),
};
const byKey = new Map(DEEDS.map(([key, , , run]) => [key, run]));
const byName = new Map([...DEEDS.map(([, , name, run]) => [name, run]), ...Object.entries(MORE)]);
const opens = new Set(["edit", "write", "headline", "overrule", "sign", "approve", "choices", "rejects", "address", "title", "description", "tldr", "feature"]);
const withoutStory = new Set(["rejects", "join", "address", "title", "description", "tldr", "feature", "mail", "undo", "publish", "one", "two", "three", "help", ...Object.keys(MORE)]);

function toColumn(name) {
  showPanel(name);
  const own = name === "stories" ? byId(`pick-${looking}`) : null;
  (own ?? byId(name)).focus();
}

function help() {
  const list = document.createElement("ul");
  list.className = "keys";
  for (const [key, what] of [...DEEDS, ["Ctrl Enter", "keep what is typed"], ["Esc", "close"], ["↑ ↓", "walk through a list"]]) {
    const row = document.createElement("li");
    row.append(Object.assign(document.createElement("kbd"), { textContent: key }), ` ${what}`);
    list.append(row);
  }
  const single = Object.assign(document.createElement("button"), { type: "button", id: "single" });
  const told = () => (single.textContent = `Switch single keys ${singleKeys() ? "off" : "on"}`);
  single.onclick = () => (localStorage.setItem("single-keys", singleKeys() ? "off" : "on"), told());
  told();
  const all = document.createElement("div");
  all.append(list, single);
  dialogs.pane("Keyboard shortcuts", all);
}

const singleKeys = () => localStorage.getItem("single-keys") !== "off";

function run(deed, name = "") {
  if (opening) return;
  if (opens.has(name)) opening = true;
  turn = turn.then(async () => {
    if (!looking && !withoutStory.has(name)) return say("There is no story to do this to.", true);
    try {
      await deed();
    } catch (error) {
      if (!error.item) say(error.message, true);
    } finally {
      if (opens.has(name)) opening = false;
    }
  });
}

const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const chord = event.ctrlKey || event.metaKey;
  if (editor.isOpen() && byId("editor").contains(event.target)) {
    if (event.key === "Escape") (event.preventDefault(), MORE.close());
    if (event.key === "Enter" && chord) (event.preventDefault(), run(keep, "keep"));
    if (event.target.id === "typed") return;
  }
  if (dialogs.anyOpen()) return isTyping(event.target) ? undefined : dialogs.walk(event);
  if (event.altKey && !chord && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    return run(byName.get(event.key === "ArrowUp" ? "up" : "down"));
  }
  if (chord || event.altKey || isTyping(event.target)) return;
  if (event.target.dataset?.pick && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    return run(() => step(event.key === "ArrowUp" ? -1 : 1), "next");
  }
  const found = DEEDS.find(([key]) => key === event.key);
  if (opening || !found || !(singleKeys() || event.key === "?")) return;
  event.preventDefault();
  run(found[3], found[2]);
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, .item");
  if (!target || event.target.closest("a")) return;
  const { do: name, pick: picked, panelOf, settle, choice, reject, go, overrule: word } = target.dataset;
  if (picked) run(() => pick(picked, { panel: matchMedia("(max-width: 52rem)").matches ? "proof" : "" }));
  else if (panelOf) showPanel(panelOf);
  else if (name) run(byName.get(name), name);
  else if (settle) quietly(act("settle", { name: settle, ours: target.dataset.ours === "yes" }));
  else if (choice) run(() => act("replace", { key: target.dataset.of, was: story().take, choice }).finally(dialogs.shut));
  else if (reject) run(() => added({ item: reject }), "join");
  else if (word !== undefined) overrule(target);
  else if (go) run(() => (dialogs.shut(), pick(go, { focus: true, panel: "proof" })));
  else if (target.matches(".item")) run(() => pick(target.dataset.key));
});

byId("editor").addEventListener("submit", (event) => {
  event.preventDefault();
  run(keep, "keep");
});
dialogs.leaving(() => (byId(`pick-${looking}`) ?? byId("stories")).focus({ preventScroll: true }));
dragging((key, before) => quietly(act("move", { key, before })));

// --- keeping up with the file -------------------------------------------------------------------------------------------

async function keepUp() {
  if (!document.hidden) {
    try {
      const version = await text("version");
      if (version !== now.version) await refresh();
      if (byId("status").textContent.startsWith("The server has ended")) say("");
    } catch (error) {
      say(error.message, true);
    }
  }
  setTimeout(keepUp, EVERY);
}

const wanted = location.hash.slice(1);
const known = keys().includes(wanted);
looking = known ? wanted : (keys()[0] ?? "");
await jots.handOver();
await refresh();
await pick(looking, { scroll: known });
document.body.dataset.ready = "yes";
keepUp();
