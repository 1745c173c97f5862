// The media library in the browser alone: prints in their own shape, keys of the wall, and the large view.
import { createElement as h, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useDir, useT } from "./i18n";
import { Icon } from "./parts";
import { say } from "./shell";

const ZOOMED = "dialog[open], input, textarea, select, [contenteditable=true]";

// One print of the wall; `ratio` is its width over its height, and holds its place while it loads.
export function Shot({ ratio, current, making, kind, label, children }) {
  const props = { className: making ? "shot job" : `shot of-${kind || "image"}`, style: { "--ar": ratio }, "aria-label": label || undefined };
  return h("figure", { ...props, "aria-current": current ? "true" : undefined }, children);
}

// The loudness of a sound: the server's drawing is a mask, the colour is the screen's.
export function Wave({ src }) {
  return h("span", { className: "wave", style: src ? { maskImage: `url("${src}")` } : undefined, "aria-hidden": true });
}

// How far a job is, as the rule in its card.
export function Share({ permille }) {
  return h("i", { style: { "--v": `${Math.min(permille, 1000) / 10}%` }, "aria-hidden": true });
}

let shownId = "";
const watchers = new Set();
const watch = (callback) => {
  watchers.add(callback);
  return () => watchers.delete(callback);
};
function show(id) {
  shownId = id;
  watchers.forEach((callback) => callback());
}
export const openBox = (id) => show(id);

const NARROW = "(max-width: 899px)"; // as in assets/styles/screens.css

// On a phone the recipe stands under the wall: it is brought into view once it is there.
export function toRecipe() {
  if (!matchMedia(NARROW).matches) return;
  let left = 60;
  const look = () => {
    const recipe = document.getElementById("recipe");
    if (recipe) recipe.scrollIntoView({ block: "start" });
    else if (left-- > 0) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

const prints = () => [...document.querySelectorAll(".wall .shot:not(.job) .fr")];

// Arrows go from print to print, Space shows the large view, `/` goes to the search.
export function WallKeys() {
  const dir = useDir();
  useEffect(() => {
    const onKey = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      const typing = event.target.closest?.(ZOOMED);
      if (event.key === "/" && !typing) {
        event.preventDefault();
        document.getElementById("media-seek")?.focus();
        return;
      }
      const print = event.target.closest?.(".wall .shot:not(.job) .fr");
      if (!print) return;
      if (event.key === " ") {
        event.preventDefault();
        show(print.dataset.asset);
        return;
      }
      const forward = dir === "rtl" ? "ArrowLeft" : "ArrowRight";
      const back = dir === "rtl" ? "ArrowRight" : "ArrowLeft";
      if (event.key !== forward && event.key !== back) return;
      event.preventDefault();
      const all = prints();
      all[all.indexOf(print) + (event.key === forward ? 1 : -1)]?.focus();
    };
    // A button answers Space when the key is let go.
    const onKeyUp = (event) => {
      if (event.key === " " && event.target.closest?.(".wall .shot:not(.job) .fr")) event.preventDefault();
    };
    addEventListener("keydown", onKey);
    addEventListener("keyup", onKeyUp);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("keyup", onKeyUp);
    };
  }, [dir]);
  return null;
}

function View({ row, player }) {
  if (row.kind === "video") return h("video", { key: row.id, ref: player, src: row.src, poster: row.thumb || undefined, controls: true, playsInline: true, preload: "metadata", "aria-label": row.alt || row.title });
  if (row.kind === "speech") {
    return h("div", { className: "box-sound", key: row.id }, h(Wave, { src: row.thumb }),
      h("audio", { ref: player, src: row.src, controls: true, preload: "metadata", "aria-label": row.alt || row.title }));
  }
  if (row.kind === "transcript") return h("div", { className: "box-words", dir: "auto", tabIndex: 0, key: row.id }, row.words);
  return h("img", { key: row.id, src: row.src, alt: row.alt || row.title });
}

const link = (row, words) =>
  h("a", { className: "btn sm", href: row.download, download: "", key: "download" }, h(Icon, { name: "download", small: true }), words);

// What can be done with the picture that is shown large; who could do it is known once its recipe is there.
function ways(row, chosen, t) {
  if (row.kind !== "image") return null;
  const known = chosen?.id === row.id ? chosen : {};
  const offered = [
    ["edit", t("media.edit", "Edit"), true],
    ["vary", t("media.variations", "Make variations"), known.vary_by],
    ["cut_out", t("media.cut_out", "Cut out the background"), known.cut_by],
  ];
  return offered.filter(([, , by]) => by).map(([way, words]) =>
    h("a", { className: "btn sm", key: way, href: `/media/edit?way=${way}&asset=${row.id}` }, words));
}

// The large view: a modal dialog over `rows`. Arrows go on, Space plays, Escape closes; the recipe follows by `onChoose`.
// Its children are what was checked of the one that is `chosen`, if that was `checked` at all.
export function Lightbox({ rows, chosen, checked, onChoose, children }) {
  const t = useT();
  const dir = useDir();
  const id = useSyncExternalStore(watch, () => shownId, () => "");
  const dialog = useRef(null);
  const stage = useRef(null);
  const player = useRef(null);
  const at = rows.findIndex((row) => row.id === id);
  const row = rows[at];
  useEffect(() => {
    if (row && !dialog.current?.open) {
      dialog.current?.showModal();
      stage.current?.focus();
    }
    if (!row && dialog.current?.open) dialog.current.close();
    if (row && row.id !== chosen?.id) onChoose?.(row.id);
  }, [row?.id]);
  useEffect(() => () => show(""), []);
  const close = () => dialog.current?.close();
  const step = (by) => {
    const next = rows[at + by];
    if (!next) return;
    show(next.id);
    stage.current?.focus();
  };
  const toRecipe = () => {
    close();
    setTimeout(() => document.getElementById("recipe")?.focus(), 50);
  };
  const onKeyDown = (event) => {
    const forward = dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (event.key === forward || event.key === back) {
      event.preventDefault();
      step(event.key === forward ? 1 : -1);
    } else if (event.key === " " && player.current && !event.target.closest("button, a, audio, video")) {
      event.preventDefault();
      if (player.current.paused) player.current.play();
      else player.current.pause();
    }
  };
  const turn = (by, name, word) =>
    h("button", { type: "button", className: "btn icon", "aria-label": word, onClick: () => step(by), disabled: !rows[at + by] },
      h("svg", { className: "i flip", viewBox: "0 0 20 20", "aria-hidden": true }, h("use", { href: `#${name}` })));
  const name = row?.title ?? "";
  const notes = checked && row?.id === chosen?.id;
  return h("dialog", { className: "lightbox", ref: dialog, onClose: () => show(""), onKeyDown, "aria-label": name || t("media.box", "Large view") },
    row ? [
      h("div", { className: "box-bar", key: "head" },
        h("b", { dir: "auto" }, row.title), h("span", { className: "grow" }),
        h("span", { className: "num" }, t("media.box.of", "{n} of {total}", { n: at + 1, total: rows.length })),
        h("button", { type: "button", className: "btn sm", onClick: close }, t("media.close", "Close"), h("kbd", null, "Esc"))),
      h("div", { className: notes ? "box-stage noted" : "box-stage", key: "stage" },
        turn(-1, "back", t("media.box.back", "Back")),
        h("div", { className: "box-view", ref: stage, tabIndex: -1 }, h(View, { row, player })),
        turn(1, "arrow", t("media.box.on", "On")),
        notes ? h("div", { className: "box-notes", tabIndex: 0, role: "group", "aria-label": t("run.checked", "What was checked") }, children) : null),
      h("div", { className: "box-bar", key: "foot" },
        row.size ? h("span", { className: "num", dir: "ltr" }, row.size) : null,
        row.draft ? h("span", { className: "draft-mark" }, t("media.draft", "draft")) : null,
        h("span", null, row.embedded ? t("media.embedded", "built-in generator") : row.made_by),
        h("span", { className: "num" }, row.price || t("run.no_charge", "no charge")), h("span", { className: "grow" }),
        ways(row, chosen, t),
        h("button", { type: "button", className: "btn sm", onClick: toRecipe }, t("media.recipe", "Recipe")),
        row.download ? link(row, t("media.download", "Download")) : null),
    ] : null);
}

// Ctrl+Enter in a form that makes media sends it.
export function MakeKeys() {
  useEffect(() => {
    const onKey = (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      const form = event.target.closest?.("form.makes");
      if (!form) return;
      event.preventDefault();
      form.requestSubmit();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return null;
}

// A value that is kept in the browser until the field is left: words, tags, notes.
export function KeepText({ value, name, label, rows, maxLength, placeholder, id, onKeep }) {
  const [text, setText] = useState(value ?? "");
  useEffect(() => setText(value ?? ""), [value]);
  const leave = () => {
    if (text !== (value ?? "")) onKeep?.(text);
  };
  const props = {
    id, name, value: text, className: "in", dir: "auto", maxLength, placeholder, "aria-label": label,
    onChange: (event) => setText(event.target.value), onBlur: leave,
  };
  if (rows > 1) return h("textarea", { ...props, rows });
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) leave();
  };
  return h("input", { ...props, type: "text", onKeyDown });
}

// How a word sounds with the built-in voice: said at once, kept nowhere.
function hear(text, locale) {
  const wanted = new URLSearchParams({ text, locale });
  const player = new Audio(`/api/v1/voices/sample?${wanted}`);
  player.onerror = () => say("media.brand.unheard", "The built-in voice cannot say this.", "bad");
  player.play().catch(() => {});
}

// What stands in a field is heard, kept or not; without a language of its own, in `fallback`.
export function hearField(textId, localeId, fallback) {
  const text = document.getElementById(textId).value.trim();
  if (text) hear(text, document.getElementById(localeId)?.value || fallback);
}
