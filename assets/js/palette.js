// Ctrl+K: find a template or do something, from anywhere. Opens as a modal dialog, so focus stays in it and returns after.
import { createElement as h, useEffect, useId, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { setLang, useLang, useT } from "./i18n";
import { find } from "./search";
import { Icon } from "./parts";

const TEMPLATES_SHOWN = 6;
const opened = new Set();
export const openPalette = () => opened.forEach((open) => open());

let loading = null;
const catalogue = () => (loading ??= import("./catalogue").then((module) => module.templates));

function Marked({ text, query }) {
  const at = query ? text.toLowerCase().indexOf(query.toLowerCase()) : -1;
  if (at < 0) return text;
  return [text.slice(0, at), h("em", { key: "hit" }, text.slice(at, at + query.length)), text.slice(at + query.length)];
}

function actions(t, lang, languages, places) {
  const other = Object.entries(languages).filter(([code]) => code !== lang);
  return [
    ...places.map((place) => ({ id: place.href, icon: place.icon, text: t(place.key, place.label), href: place.href })),
    ...other.map(([code, name]) => ({
      id: `lang-${code}`,
      icon: "globe",
      text: t("palette.language", "Switch to {name}", { name }),
      run: () => setLang(code),
    })),
  ];
}

function useAnswers(query, templates, doable, t) {
  return useMemo(() => {
    const started = performance.now();
    const hits = find(templates, query, t);
    const found = hits.slice(0, TEMPLATES_SHOWN).map(({ template, synonym }) => ({
      id: template.id,
      icon: "templates",
      text: t(template.key, template.name),
      aside: synonym,
      checks: template.checks,
      href: `/templates/${template.id}`,
    }));
    const asked = query.toLowerCase();
    const best = query && found[0];
    const sample = best && {
      id: `sample-${best.id}`,
      icon: "play",
      text: t("palette.sample", "Open “{name}” with a sample brief", { name: best.text }),
      href: `${best.href}?sample=1`,
    };
    const done = [...(sample ? [sample] : []), ...doable.filter((one) => one.text.toLowerCase().includes(asked))];
    return { found, done, all: [...found, ...done], took: performance.now() - started };
  }, [query, templates, doable, t]);
}

export function Palette({ languages, places }) {
  const t = useT();
  const lang = useLang();
  const navigate = useNavigate();
  const dialog = useRef(null);
  const [isOpen, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const [templates, setTemplates] = useState([]);
  const listId = useId();

  useEffect(() => {
    const open = () => {
      catalogue().then(setTemplates);
      setQuery("");
      setAt(0);
      setOpen(true);
      if (!dialog.current?.open) dialog.current?.showModal();
    };
    const onKey = (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open();
      }
    };
    opened.add(open);
    addEventListener("keydown", onKey);
    return () => {
      opened.delete(open);
      removeEventListener("keydown", onKey);
    };
  }, []);

  const doable = useMemo(() => actions(t, lang, languages, places), [t, lang]);
  const { found, done, all, took } = useAnswers(query, templates, doable, t);
  const close = () => dialog.current?.close();
  const choose = (one) => {
    close();
    if (one.href) navigate(one.href);
    else one.run();
  };
  const onKey = (event) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (all.length) setAt((at + step + all.length) % all.length);
    } else if (event.key === "Enter" && all[at]) {
      event.preventDefault();
      choose(all[at]);
    }
  };

  const option = (one, i) =>
    h(
      "div",
      {
        key: one.id,
        id: `${listId}-${i}`,
        role: "option",
        "aria-selected": i === at,
        onClick: () => choose(one),
        onMouseMove: () => setAt(i),
      },
      h(Icon, { name: one.icon }),
      h(
        "span",
        null,
        h(Marked, { text: one.text, query }),
        one.aside
          ? h("span", { className: "muted small" }, " ", t("palette.also", "also called"), " ", h(Marked, { text: one.aside, query }))
          : null,
      ),
      h(
        "span",
        { className: "row" },
        one.checks ? h("span", { className: "frac small" }, one.checks) : null,
        i === at ? h("kbd", null, "Enter") : null,
      ),
    );
  const group = (label, list, first) =>
    list.length
      ? h(
          "div",
          { role: "group", "aria-label": label },
          h("div", { className: "gl", "aria-hidden": true }, label),
          list.map((one, i) => option(one, first + i)),
        )
      : null;

  return h(
    "dialog",
    {
      ref: dialog,
      className: "scrim",
      "aria-label": t("shell.find", "Find or run"),
      onClick: (event) => event.target === dialog.current && close(),
      onClose: () => setOpen(false),
    },
    isOpen &&
      h(
      "div",
      { className: "palette pop" },
      h(
        "div",
        { className: "q" },
        h(Icon, { name: "search" }),
        h("input", {
          value: query,
          autoFocus: true,
          dir: "auto",
          spellCheck: false,
          maxLength: 80,
          role: "combobox",
          "aria-expanded": true,
          "aria-controls": listId,
          "aria-activedescendant": all.length ? `${listId}-${at}` : undefined,
          "aria-label": t("shell.find", "Find or run"),
          onChange: (event) => (setQuery(event.target.value), setAt(0)),
          onKeyDown: onKey,
        }),
        h("kbd", null, "Esc"),
      ),
      h(
        "div",
        { id: listId, role: "listbox", "aria-label": t("palette.results", "Results") },
        group(t("nav.templates", "Templates"), found, 0),
        group(t("palette.do", "Do"), done, found.length),
      ),
      h(
        "footer",
        null,
        h("span", null, t("palette.move", "Up and down to choose")),
        h("span", { className: "grow" }),
        h(
          "span",
          { className: "num", role: "status" },
          t("palette.took", { one: "{n} result in {ms} ms", other: "{n} results in {ms} ms" }, { n: all.length, ms: Math.ceil(took) }),
        ),
      ),
    ),
  );
}
