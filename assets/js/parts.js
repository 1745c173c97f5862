// The smallest parts, drawn often and with changing numbers: plain elements without a style engine between.
import { createElement as h } from "react";
import sprite from "../sprite.svg?raw";

// One sprite for every icon and proof mark; it is our own constant file, no text from outside reaches it.
export function Sprite() {
  return h("div", { hidden: true, dangerouslySetInnerHTML: { __html: sprite } });
}

const use = (name) => h("use", { href: `#${name}` });

export function Icon({ name, small, flip }) {
  const classes = ["i", small && "s16", flip && "flip"].filter(Boolean).join(" ");
  return h("svg", { className: classes, viewBox: "0 0 20 20", "aria-hidden": true, focusable: false }, use(name));
}

// A proof mark never stands alone: `spoken` is what it says to those who do not see it.
export function Mark({ name, spoken }) {
  const drawing = h("svg", { viewBox: "0 0 20 20", "aria-hidden": true, focusable: false }, use(name));
  return h("span", { className: "mk" }, drawing, spoken ? h("span", { className: "vh" }, spoken) : null);
}

// The thin rule that fills towards a limit; the limit stands at 5/6 of its length.
export function Measure({ n, max }) {
  return h("span", { className: "measure", style: { "--n": n, "--max": max || 1 }, "aria-hidden": true }, h("i"));
}

// The rule under a sum: how much of it is gone.
export function Rule({ share }) {
  return h("i", { style: { "--v": `${Math.min(share, 100)}%` }, "aria-hidden": true });
}

// A pale bar as tall as the line that will stand here, so that nothing jumps.
export function Ghost({ width }) {
  return h("span", { className: "ghost", style: { "--w": width } });
}

// The mark of Galley, alone or with its name.
export function Brand({ named }) {
  if (!named) return h("svg", { viewBox: "0 0 36 36", "aria-hidden": true, focusable: false }, use("brand"));
  return h("svg", { className: "logo", viewBox: "0 0 126 36", height: 30, width: 105, role: "img", "aria-label": "Galley" }, use("logo"));
}

// The two strokes of the headline: struck out, and put in.
export function Stroke({ kind }) {
  const [viewBox, d] = kind === "strike" ? ["0 0 100 12", "M1 7C20 3 38 9 56 5.500S88 4 99 6.500"] : ["0 0 20 20", "M4 18L10 4l6 14"];
  const shape = h("path", { d, vectorEffect: "non-scaling-stroke" });
  return h("svg", { viewBox, preserveAspectRatio: kind === "strike" ? "none" : undefined, "aria-hidden": true, focusable: false }, shape);
}
