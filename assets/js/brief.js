// The form of a run: values live in the browser until Run is pressed, so that typing costs no round trip and nothing typed is
// lost: a draft is kept for each template in this browser, and put back when the page opens again.
import { createElement as h, useEffect, useRef, useState } from "react";
import { t } from "./i18n.js";

const draftKey = (template) => `galley.brief.${template}`;

function readDraft(template) {
  try {
    return JSON.parse(window.localStorage.getItem(draftKey(template)) ?? "null");
  } catch {
    return null;
  }
}

function writeDraft(form, template) {
  try {
    window.localStorage.setItem(draftKey(template), JSON.stringify(Object.fromEntries(new FormData(form))));
  } catch {
    // A full or closed storage only costs the draft.
  }
}

// Wraps the fields. `stamp` changes when the server fills the form (a sample, an earlier run): the draft then gives way.
// After a pause in typing, `onRest` is told what the form holds, for what is reckoned from it.
export function Brief({ template, stamp, onRest, children }) {
  const anchor = useRef(null);
  const told = useRef(onRest);
  told.current = onRest;
  useEffect(() => {
    const form = anchor.current?.closest("form");
    if (!form || !template) return undefined;
    let timer = 0;
    const save = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        writeDraft(form, template);
        told.current?.(Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string")));
      }, 400);
    };
    if (stamp > 0) writeDraft(form, template);
    form.addEventListener("input", save);
    form.addEventListener("change", save);
    return () => {
      clearTimeout(timer);
      form.removeEventListener("input", save);
      form.removeEventListener("change", save);
    };
  }, [template, stamp]);
  return h("div", { ref: anchor, className: "brief" }, children);
}

// What a field opens with: the draft of this browser where the server has not filled the form, else the server's value.
function opening(template, stamp, name, value) {
  if (stamp > 0 || typeof window === "undefined") return value;
  const draft = readDraft(template)?.[name];
  return typeof draft === "string" ? draft : value;
}

const describe = (id, error) => (error ? { "aria-invalid": true, "aria-describedby": `${id}-note` } : {});

// A text field grows with its text but holds no line break: Enter in it does nothing, as in any one-line field.
const oneLine = (event) => {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.nativeEvent.isComposing) event.preventDefault();
};

function useOpening(template, stamp, name, value) {
  // The prerendered page knows no draft, so it is put in after the first paint.
  const [opened, setOpened] = useState({ text: value, key: 0 });
  useEffect(() => {
    setOpened((was) => ({ text: opening(template, stamp, name, value), key: was.key + 1 }));
  }, [template, stamp, name, value]);
  return opened;
}

const LINES = { longtext: 8, kb: 8, table: 4 };
const TYPES = { url: "url", date: "date", number: "number" };
const LEFT_TO_RIGHT = new Set(["url", "number", "date"]);

export function BriefField({ template, stamp, field, invalid }) {
  const id = `f-${field.name}`;
  const { text, key } = useOpening(template, stamp, field.name, field.value);
  const shared = {
    id,
    name: field.name,
    className: "in",
    defaultValue: text,
    key,
    dir: LEFT_TO_RIGHT.has(field.type) ? "ltr" : "auto",
    placeholder: field.placeholder ? t(`${field.key}.placeholder`, field.placeholder) : undefined,
    "aria-required": field.required || undefined,
    ...describe(id, invalid),
  };
  if (field.type === "list") return h(TokensInput, { id, name: field.name, text, key, invalid });
  if (field.type === "enum") return h(Choice, { ...shared, options: field.options });
  if (LINES[field.type] || field.type === "text") {
    const rows = LINES[field.type] ?? 1;
    return h("textarea", { ...shared, rows, maxLength: field.max_length || undefined, onKeyDown: rows === 1 ? oneLine : undefined });
  }
  return h("input", {
    ...shared,
    type: TYPES[field.type] ?? "text",
    step: field.type === "number" ? "any" : undefined,
    maxLength: field.max_length || undefined,
  });
}

function Choice({ options, key: _, ...props }) {
  return h(
    "select",
    props,
    h("option", { value: "" }, t("run.choose", "Choose")),
    options.map((value) => h("option", { value, key: value }, value)),
  );
}

const items = (text) => text.split("\n").map((item) => item.trim()).filter(Boolean);

// Several values: Enter, a comma at the end of a short one or a pasted list adds, Backspace in the empty box takes the last back.
function TokensInput({ id, name, text, invalid }) {
  const [list, setList] = useState(() => items(text));
  const [typed, setTyped] = useState("");
  const hidden = useRef(null);
  const box = useRef(null);
  const value = [...list, ...items(typed)].join("\n");
  useEffect(() => {
    hidden.current?.dispatchEvent(new Event("input", { bubbles: true }));
  }, [value]);
  const add = (more) => {
    const fresh = items(more).filter((item) => !list.includes(item));
    if (fresh.length) setList([...list, ...fresh]);
    setTyped("");
  };
  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      add(typed);
    } else if (event.key === "Backspace" && !typed && list.length) {
      setTyped(list[list.length - 1]);
      setList(list.slice(0, -1));
      event.preventDefault();
    }
  };
  const onPaste = (event) => {
    const pasted = event.clipboardData.getData("text");
    if (!pasted.includes("\n")) return;
    event.preventDefault();
    add(`${typed}\n${pasted}`);
  };
  const token = (item, index) =>
    h("span", { className: "token", key: item, dir: "auto" }, item,
      h("button", {
        type: "button",
        "aria-label": t("run.token.remove", "Remove {item}", { item }),
        onClick: () => {
          setList(list.filter((_, at) => at !== index));
          box.current?.focus();
        },
      }, h("svg", { className: "i", viewBox: "0 0 20 20", "aria-hidden": true }, h("use", { href: "#x" }))));
  return h("div", { className: "in tokens", onClick: (event) => event.target === event.currentTarget && box.current?.focus() },
    list.map(token),
    h("input", {
      id, ref: box, value: typed, dir: "auto", className: "token-box",
      placeholder: list.length ? t("run.token.more", "Add one more") : t("run.token.first", "Type one, press Enter"),
      onChange: (event) => setTyped(event.target.value),
      onKeyDown, onPaste, onBlur: () => add(typed), ...describe(id, invalid),
    }),
    h("input", { type: "hidden", name, value, ref: hidden, readOnly: true }));
}

// Ctrl+Enter sends the brief from anywhere on the page, Escape asks to stop.
export function RunKeys({ busy, onStop }) {
  useEffect(() => {
    const onKeyDown = (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !busy) {
        event.preventDefault();
        document.getElementById("brief-form")?.requestSubmit();
      } else if (event.key === "Escape" && busy) {
        onStop?.();
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [busy, onStop]);
  return null;
}
