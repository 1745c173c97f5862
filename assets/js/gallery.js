// What is shown in the gallery: category, kind, words, order. It lives in the browser alone; only favourites are kept by the server.
import { useEffect, useSyncExternalStore } from "react";
import { useLocation } from "react-router";
import { categories, languages, templates } from "./catalogue";
import { useLang, useT } from "./i18n";
import { find, nearest } from "./search";

const KINDS = ["text", "json", "markdown", "email", "table", "srt", "image", "audio", "video"];
const FIRST = { category: "", kind: "", query: "", order: "favourites", language: "", tookMs: 0 };
let chosen = FIRST;
const subscribers = new Set();
const subscribe = (callback) => {
  subscribers.add(callback);
  return () => subscribers.delete(callback);
};
function choose(change) {
  chosen = { ...chosen, ...change };
  subscribers.forEach((callback) => callback());
}

export function chooseCategory(id) {
  choose({ category: id });
  const address = new URL(window.location.href);
  if (id) address.searchParams.set("category", id);
  else address.searchParams.delete("category");
  window.history.replaceState(window.history.state, "", address);
}
export const chooseKind = (kind) => choose({ kind });
export const chooseOrder = (order) => choose({ order });
export const chooseLanguage = (language) => choose({ language });
export const seek = (query) => choose({ query });
export function clearSearch() {
  choose({ query: "", kind: "" });
  document.getElementById("seek")?.focus();
}
export function seekKey(key) {
  if (key === "Escape") choose({ query: "" });
}

// Reads the address once the page is the browser's; the prerendered page shows everything.
export function GalleryKeys() {
  const { search } = useLocation();
  useEffect(() => {
    const asked = new URLSearchParams(search);
    const category = asked.get("category") ?? "";
    choose({ category, query: asked.get("q") ?? "" });
  }, [search]);
  useEffect(() => {
    const onKey = (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable=true], dialog[open]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      event.preventDefault();
      document.getElementById("seek")?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return null;
}

const belongs = (template, { category, kind }, favourites) =>
  (!category || (category === "favourites" ? favourites.includes(template.id) : template.category === category)) &&
  (!kind || template.kind === kind);

function card(template, t, favourites, language) {
  return {
    ...template,
    title: t(template.key, template.name),
    where: t(template.categoryKey, template.categoryName),
    favourite: favourites.includes(template.id),
    href: `/templates/${template.id}${language ? `?language=${language}` : ""}`,
  };
}

function ordered(list, order, lang) {
  return order === "name" ? [...list].sort((a, b) => a.title.localeCompare(b.title, lang)) : list;
}

function compute(state, favourites, t, lang) {
  const started = typeof performance === "undefined" ? 0 : performance.now();
  const hits = state.query.trim() ? find(templates, state.query, t).map((hit) => hit.template) : templates;
  const shown = hits.filter((template) => belongs(template, state, favourites));
  const cards = ordered(
    shown.map((template) => card(template, t, favourites, state.language)),
    state.query ? "best" : state.order,
    lang,
  );
  const apart = !state.query && state.order === "favourites" && state.category !== "favourites";
  const first = apart ? cards.filter((one) => one.favourite) : [];
  const count = (kind) => templates.filter((template) => belongs(template, { category: state.category, kind }, favourites)).length;
  return {
    ...state,
    language: state.language || (languages.includes(lang) ? lang : "en"),
    favouritesFirst: first,
    cards: apart ? cards.filter((one) => !one.favourite) : cards,
    empty: cards.length === 0,
    near: cards.length ? [] : nearest(templates, state.query, t).map((template) => card(template, t, favourites, state.language)),
    found: cards.length,
    categories: categories.map((one) => ({ ...one, label: t(one.key, one.name), n: templates.filter((template) => template.category === one.id).length })),
    favouriteCount: favourites.filter((id) => templates.some((template) => template.id === id)).length,
    total: templates.length,
    kinds: KINDS.filter((kind) => templates.some((template) => template.kind === kind)).map((kind) => ({ id: kind, n: count(kind) })),
    languages: languages.map((code) => ({ code, name: nameOf(code, lang) })),
    heading: headingOf(state, t),
    tookMs: typeof performance === "undefined" ? 0 : performance.now() - started,
  };
}

function headingOf(state, t) {
  const category = categories.find((one) => one.id === state.category);
  return category ? t(category.key, category.name) : "";
}

const names = new Map();
function nameOf(code, lang) {
  const tag = lang === "qps" ? "en" : lang;
  if (!names.has(tag)) names.set(tag, new Intl.DisplayNames([tag], { type: "language" }));
  return names.get(tag).of(code);
}

// Several parts of the page ask for the same view; it is computed once for each change.
let last = { keys: [], view: null };
function view(...keys) {
  if (last.view === null || keys.some((key, i) => key !== last.keys[i])) last = { keys, view: compute(...keys) };
  return last.view;
}

const NONE = [];
export function useGallery(favourites) {
  const state = useSyncExternalStore(subscribe, () => chosen, () => FIRST);
  return view(state, favourites ?? NONE, useT(), useLang());
}
