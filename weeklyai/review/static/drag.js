// Putting a story elsewhere in the list with the mouse. The keys J and K do the same.

const list = document.getElementById("list");
let dragged = null;

const mark = (item, where) => {
  for (const old of list.querySelectorAll(".above, .below")) old.classList.remove("above", "below");
  item?.classList.add(where);
};

/** Call `move(key, before)` when a story is put before another one; `before` is "" for the end. */
export function dragging(move) {
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("li[data-key]") ?? null;
    if (!dragged) return;
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.key);
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li[data-key]");
    if (!dragged || !over) return;
    event.preventDefault();
    mark(over, isBelow(event, over) ? "below" : "above");
  });
  list.addEventListener("drop", (event) => {
    const over = event.target.closest("li[data-key]");
    if (!dragged || !over) return;
    event.preventDefault();
    const next = isBelow(event, over) ? over.nextElementSibling : over;
    const before = next === dragged ? dragged.nextElementSibling : next;
    if (over !== dragged) move(dragged.dataset.key, before?.dataset.key ?? "");
  });
  list.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    mark(null);
  });
}

const isBelow = (event, item) => {
  const { top, height } = item.getBoundingClientRect();
  return event.clientY > top + height / 2;
};
