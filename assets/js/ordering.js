// The order of a list, by hand: a grip that is dragged with any pointer, or moved with the arrow keys.
// A list's movable rows carry data-move; the server learns the place a row should have, counted from 0 among those.
import { createElement as h, useEffect, useRef } from "react";

const rowsOf = (row) => [...row.parentElement.children].filter((one) => one.hasAttribute("data-move"));
const KEYS = { ArrowUp: (at) => at - 1, ArrowDown: (at) => at + 1, Home: () => 0, End: (at, last) => last };

// A row that is moved in the page loses the focus that is in it; the grip that asked for the move takes it back.
let mover = null;

function follow(rows, from, to, row, shift) {
  for (const [index, one] of rows.entries()) {
    if (one === row) continue;
    const past = index > from && index <= to ? -1 : index < from && index >= to ? 1 : 0;
    one.style.transform = past ? `translateY(${past * shift}px)` : "";
  }
}

function drag(event, onMove) {
  const row = event.currentTarget.closest("[data-move]");
  const rows = rowsOf(row);
  const from = rows.indexOf(row);
  const boxes = rows.map((one) => one.getBoundingClientRect());
  const start = event.clientY;
  let to = from;
  row.classList.add("moving");
  const move = ({ clientY }) => {
    const middle = boxes[from].top + boxes[from].height / 2 + clientY - start;
    to = boxes.filter((box, index) => (index < from ? middle > box.top + box.height / 2 : index > from && middle > box.top + box.height / 2)).length;
    row.style.transform = `translateY(${clientY - start}px)`;
    follow(rows, from, to, row, boxes[from].height);
  };
  const end = (keep) => {
    for (const one of rows) one.style.transform = "";
    row.classList.remove("moving");
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", drop);
    window.removeEventListener("pointercancel", cancel);
    window.removeEventListener("keydown", escape, true);
    if (keep && to !== from) onMove(to);
  };
  const drop = () => end(true);
  const cancel = () => end(false);
  const escape = (key) => key.key === "Escape" && end(false);
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", drop);
  window.addEventListener("pointercancel", cancel);
  window.addEventListener("keydown", escape, true);
}

export function Grip({ name, label, place, hint, onMove }) {
  const box = useRef(null);
  useEffect(() => {
    if (mover === name) box.current?.focus();
  }, [name, place]);
  const press = (event) => {
    const row = event.currentTarget.closest("[data-move]");
    const rows = rowsOf(row);
    const to = KEYS[event.key]?.(rows.indexOf(row), rows.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0 || to >= rows.length || to === rows.indexOf(row)) return;
    mover = name;
    onMove(to);
  };
  const take = (event) => {
    if (event.button !== 0) return;
    event.currentTarget.focus();
    event.preventDefault();
    drag(event, (to) => {
      mover = name;
      onMove(to);
    });
  };
  return h(
    "button",
    {
      ref: box, type: "button", className: "grip", "aria-label": label, title: label, "aria-describedby": hint,
      onKeyDown: press, onPointerDown: take, onBlur: () => (mover = mover === name ? null : mover),
    },
    h("svg", { className: "i s16", viewBox: "0 0 20 20", "aria-hidden": true }, h("use", { href: "#grip" })),
  );
}

// The latest waits as a line, oldest first; a drawing beside the figure, so it is hidden from those who hear the page.
export function Spark({ points, tone }) {
  return h(
    "svg",
    { viewBox: "0 0 100 26", preserveAspectRatio: "none", "aria-hidden": true, className: `spark ${tone}` },
    h("polyline", { points, fill: "none", strokeWidth: 1.5, vectorEffect: "non-scaling-stroke" }),
  );
}

export function ShareBar({ shares }) {
  const parts = (shares ?? []).filter((one) => one.templates > 0);
  return h(
    "div",
    { className: "share-bar", "aria-hidden": true },
    parts.map((one) => h("span", { key: one.tier, className: one.tier, style: { flexGrow: one.templates } }, `${one.templates} %`)),
  );
}
