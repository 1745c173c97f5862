// A few typeset rows of a template's example. The rows are made at build time: components/previews.py.
import { createElement as h, memo } from "react";
import { useT } from "./i18n";
import { Measure } from "./parts";

const counted = (row, words) => [
  h("small", { key: "label", dir: "auto" }, words),
  h("small", { key: "n", dir: "ltr" }, `${row.n}/${row.max}`),
  h(Measure, { key: "rule", n: row.n, max: row.max }),
];

const draw = {
  count: (row) => h("div", { className: "l" }, h("span", null, row.t), counted(row).slice(1)),
  rule: (row, t) => h("div", { className: "l" }, counted(row, t(...row.label))),
  pair: (row) => h("div", { className: "l" }, h("span", null, row.t), h("b", null, row.r)),
  head: (row, t) => h("div", { className: "l" }, h("b", null, row.t), h("small", { dir: "auto" }, `${t(...row.label)} `, h("bdi", null, row.n))),
  sub: (row, t) => h("div", { className: "l muted" }, h("span", { className: "one" }, row.t), h("small", { dir: "auto" }, `${t(...row.label)} `, h("bdi", null, row.n))),
  big: (row) => h("p", { className: "big" }, row.t),
  p: (row) => h("p", null, row.t),
  b: (row) => h("p", null, h("b", null, row.t)),
  lab: (row) => h("p", { className: "lab" }, row.t),
  serp: (row) => h("p", { className: "serp-title" }, row.t),
  pre: (row) => h("pre", null, row.t),
  hr: () => h("hr"),
  dash: (row) => h("ul", { className: "dash" }, row.items.map((item, i) => h("li", { key: i }, item))),
  opts: (row) => h("ul", { className: "opts" }, row.items.map((item, i) => h("li", { key: i, className: i === row.ok ? "ok" : "" }, `${"ABCDEFGH"[i]}\u2002${item}`))),
};

// The examples are English texts, whatever the language of the screen.
export const Preview = memo(function Preview({ rows }) {
  const t = useT();
  const fade = rows.some((row) => row.k === "fade");
  const shown = rows.filter((row) => row.k !== "fade");
  return h(
    "div",
    { className: fade ? "pv fade" : "pv", "aria-hidden": true, lang: "en", dir: "ltr" },
    shown.map((row, i) => h("div", { key: i, className: `r-${row.k}` }, draw[row.k](row, t))),
  );
});
