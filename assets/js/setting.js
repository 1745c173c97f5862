// A set line that can be corrected where it stands: Enter or a click opens it, every pause in typing has it measured again,
// leaving it keeps the change, Escape takes it back.
import { createElement as h, useEffect, useLayoutEffect, useRef, useState } from "react";
import { t, useLang } from "./i18n.js";

const PAUSE_MS = 250;

export function SetText({ text, tail, label, busy, editable, mono, onType, onKeep }) {
  const [open, setOpen] = useState(false);
  const className = mono ? "txt mono-txt" : "txt";
  if (open) return h(LineEditor, { text: text + (tail ?? ""), label, className, onType, onKeep, close: () => setOpen(false) });
  const shown = [
    text,
    tail ? h("mark", { className: "over", key: "over" }, tail) : null,
    busy ? h("span", { className: "cursor", key: "cursor", "aria-hidden": true }) : null,
  ];
  if (!editable) return h("p", { className, dir: "auto" }, shown);
  const start = (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    if (window.getSelection()?.toString()) return;
    event.preventDefault();
    setOpen(true);
  };
  return h("p", {
    className: `${className} can-edit`, dir: "auto", tabIndex: 0, role: "button", "aria-label": `${text}${tail ?? ""}. ${label}`,
    title: t("run.edit", "Click to correct this line"), onClick: start, onKeyDown: start,
  }, shown);
}

function LineEditor({ text, label, className, onType, onKeep, close }) {
  const box = useRef(null);
  const first = useRef(text);
  const timer = useRef(0);
  const [value, setValue] = useState(text);
  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
    return () => clearTimeout(timer.current);
  }, []);
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) return;
    node.style.blockSize = "0";
    node.style.blockSize = `${node.scrollHeight}px`;
  }, [value]);
  const type = (event) => {
    const typed = event.target.value;
    setValue(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onType?.(typed), PAUSE_MS);
  };
  const leave = (kept) => {
    clearTimeout(timer.current);
    if (kept !== first.current) onKeep?.(kept);
    else if (value !== first.current) onType?.(first.current);
    close();
  };
  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      event.nativeEvent.stopImmediatePropagation?.();
      leave(first.current);
    } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      leave(value);
    }
  };
  return h("textarea", {
    ref: box, value, rows: 1, dir: "auto", className: `${className} line-editor`, "aria-label": label,
    onChange: type, onKeyDown, onBlur: () => leave(value),
  });
}

// Copies a text and says so on the button for a moment.
export function CopyButton({ text, label, className, children }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return h("button", { type: "button", className, onClick: copy, "aria-label": done ? t("copied", "Copied") : label, title: label },
    h("svg", { className: "i s16", viewBox: "0 0 20 20", "aria-hidden": true }, h("use", { href: done ? "#tick" : "#copy" })),
    done && children ? t("copied", "Copied") : children);
}

// A moment in the language of the screen and the reader's own time zone; Latin digits, as everywhere on a proof.
export function When({ iso }) {
  const lang = useLang();
  const [zone, setZone] = useState("UTC");
  useEffect(() => setZone(undefined), []);
  if (!iso) return null;
  const format = { dateStyle: "medium", timeStyle: "short", timeZone: zone, numberingSystem: "latn" };
  return h("time", { dateTime: iso }, new Intl.DateTimeFormat(lang === "qps" ? "en" : lang, format).format(new Date(iso)));
}
