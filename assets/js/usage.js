// Parts of the money screens: strips of a drawing that can be pressed, rules with a limit, dates and amounts in sentences.
// The style sheet is named here, so that only the pages that use these parts load it.
import { createElement as h } from "react";
import "../styles/pages/usage.css";

// A part of a drawing that works like a button, by mouse, Enter and Space.
export function Press({ label, pressed, className, onPress, children }) {
  const press = () => {
    onPress?.();
    // Below a tall drawing the answer stands out of sight.
    setTimeout(() => document.getElementById("calls")?.scrollIntoView({ block: "nearest" }), 60);
  };
  const onKeyDown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press();
  };
  const props = { role: "button", tabIndex: 0, "aria-label": label, "aria-pressed": !!pressed, className, onClick: press, onKeyDown };
  return h("g", props, children);
}

// The rule under a name: filled to `value`, with a tick at `limit` and a lighter one at `soft`; all in per cent of the
// longest. 0: no tick.
export function Fill({ value, limit, soft }) {
  const over = limit > 0 && value > limit;
  const style = { "--v": `${over ? limit : value}%`, "--b": `${limit}%`, "--o": `${over ? value - limit : 0}%`, "--s": `${soft ?? 0}%` };
  const parts = [over ? h("i", { key: "over" }) : null, soft ? h("s", { key: "soft" }) : null];
  return h("i", { className: limit ? "fill ticked" : "fill", style, "aria-hidden": true }, parts);
}

// A sentence in which what stands between isolates (U+2068, U+2069) is what the reader looks for.
export function Sentence({ text }) {
  const parts = String(text ?? "").split(/\u2068([^\u2069]*)\u2069/);
  return parts.map((part, at) => (at % 2 ? h("b", { key: at }, part) : part));
}

const STYLES = {
  month: { month: "long", year: "numeric" },
  only: { month: "long" },
  day: { day: "numeric", month: "long" },
  date: { dateStyle: "medium" },
  time: { timeStyle: "short", hour12: false },
  both: { dateStyle: "medium", timeStyle: "short" },
};
const formats = new Map();
// Days and months of the ledger are those of UTC, whoever reads them; Latin digits, as everywhere on a proof.
export function dateWords(iso, style, lang) {
  if (!iso) return "";
  const name = `${lang} ${style}`;
  if (!formats.has(name)) {
    const tag = lang === "qps" ? "en" : lang;
    const british = tag === "en" ? "en-GB" : tag; // day before month, and a day of 24 hours
    formats.set(name, new Intl.DateTimeFormat(british, { ...STYLES[style], timeZone: "UTC", numberingSystem: "latn" }));
  }
  return formats.get(name).format(new Date(iso.length === 7 ? `${iso}-01` : iso));
}
