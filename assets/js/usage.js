// Parts of the money screens: strips of a drawing that can be pressed, rules with a limit, dates and amounts in sentences.
// The style sheet is named here, so that only the pages that use these parts load it.
import { createElement as h, useId, useState } from "react";
import "../styles/pages/usage.css";
import { useT } from "./i18n.js";
import { sayProblem, send } from "./shell.js";

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

// Takes a provider's bill as a file. It goes to the API whole: the socket carries no files.
export function BillForm({ billers, onTaken }) {
  const id = useId();
  const t = useT();
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const file = form.elements.file.files[0];
    if (!file || busy) return;
    setBusy(true);
    try {
      const { ok, status, told } = await send("/api/v1/invoices", { provider: form.elements.provider.value, csv: await file.text() });
      if (!ok) return sayProblem(told, status);
      form.reset();
      onTaken?.(told.invoice.id);
    } catch {
      sayProblem({}, 0);
    } finally {
      setBusy(false);
    }
  };
  const field = (name, label, control) => h("div", { className: "field" }, h("label", { htmlFor: id + name }, label), control);
  const provider = h("input", { id: `${id}p`, name: "provider", className: "in", list: `${id}l`, required: true, maxLength: 80, autoComplete: "off" });
  const names = h("datalist", { id: `${id}l` }, (billers ?? []).map((name) => h("option", { key: name, value: name })));
  const file = h("input", { id: `${id}f`, name: "file", type: "file", className: "in", accept: ".csv,text/csv", required: true });
  return h("form", { className: "bill-form", onSubmit: submit },
    field("p", t("bills.provider", "Provider, as it is called here"), h("span", null, provider, names)),
    field("f", t("bills.file", "The bill, as CSV"), file),
    h("button", { type: "submit", className: "btn", disabled: busy }, t("bills.import", "Compare with the ledger")));
}
