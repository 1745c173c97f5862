// The recorded example of the public page: lines that were set before are set again, letter by letter. Nothing is generated here.
import { createElement as h, useEffect, useState } from "react";
import { useT } from "./i18n";
import { Ghost, Icon, Mark, Measure } from "./parts";

const LETTER_MS = 55;
const LINE_MS = 420;
const FIRST_LINES = 7;
const FIRST_LETTERS = 15;
const WIDTHS = ["44%", "56%", "48%"];

const calm = () => typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;

function Line({ text, number, limit, done, mark }) {
  return h(
    "li",
    { className: "line" },
    h("span", { className: "no" }, number),
    h(
      "div",
      { className: "set" },
      h("p", { className: "txt" }, text, done ? null : h("span", { className: "cursor" })),
      h(Measure, { n: text.length, max: limit }),
    ),
    h("span", { className: "n" }, `${text.length}/${limit}`),
    done ? h(Mark, { name: "tick", spoken: mark }) : h("span", { className: "mk" }),
  );
}

export function Player({ lines, limit, label, caption }) {
  const t = useT();
  const [at, setAt] = useState({ line: FIRST_LINES, letter: FIRST_LETTERS });
  const [playing, setPlaying] = useState(true);
  const over = at.line >= lines.length;

  useEffect(() => {
    if (calm()) setPlaying(false);
  }, []);
  useEffect(() => {
    if (!playing || over) return undefined;
    const whole = at.letter >= lines[at.line].length;
    const next = whole ? { line: at.line + 1, letter: 0 } : { line: at.line, letter: at.letter + 1 };
    const timer = setTimeout(() => setAt(next), whole ? LINE_MS : LETTER_MS);
    return () => clearTimeout(timer);
  }, [playing, at, over, lines]);

  const press = () => {
    if (over) setAt({ line: 0, letter: 0 });
    setPlaying(over || !playing);
  };
  const running = playing && !over;
  const word = over ? t("player.again", "Play again") : running ? t("player.pause", "Pause") : t("player.play", "Play");
  const passes = t("mark.ok", "Passes");
  const rows = lines.map((text, i) => {
    if (i < at.line) return h(Line, { key: i, text, number: i + 1, limit, done: true, mark: passes });
    if (i === at.line) return h(Line, { key: i, text: text.slice(0, at.letter), number: i + 1, limit, done: false });
    return h(
      "li",
      { key: i, className: "line waiting" },
      h("span", { className: "no" }, i + 1),
      h("div", { className: "set" }, h(Ghost, { width: WIDTHS[i % WIDTHS.length] })),
      h("span"),
      h("span"),
    );
  });
  return [
    h(
      "div",
      { key: "sheet", className: "sheet", lang: "en", dir: "ltr" },
      h("div", { className: "slug", dir: "auto" }, label.map((part) => h("span", { key: part }, part))),
      h(
        "div",
        { className: "galley" },
        h("div", { className: "sec" }, h("h2", null, "Headlines ", h("span", null, "8 to 15 wanted, 30 units each"))),
        h("ol", null, rows),
      ),
    ),
    h(
      "figcaption",
      { key: "cap", className: "cap" },
      h("span", null, caption),
      h(
        "button",
        { type: "button", className: "btn quiet sm", onClick: press },
        h(Icon, { name: running ? "pause" : over ? "again" : "play", small: true }),
        word,
      ),
    ),
  ];
}
