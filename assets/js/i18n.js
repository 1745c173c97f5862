// The words of the screen. English is in the page already; another language is one small JSON file, fetched once.
// The store lives outside React: a switch of language redraws the text and nothing else, and no server memory is used.
import { useEffect, useLayoutEffect, useSyncExternalStore } from "react";

const RTL = new Set(["ar", "he", "fa", "ur"]);
const COOKIE = "galley_lang";
const store = { lang: "en", dir: "ltr", version: 0, translate: null };
const subscribers = new Set();
const subscribe = (callback) => {
  subscribers.add(callback);
  return () => subscribers.delete(callback);
};
const direction = (lang) => (RTL.has(lang.split("-")[0]) ? "rtl" : "ltr");
// The pseudo-language exists for tests; as English it has plural rules and number formats.
const tag = (lang) => (lang === "qps" ? "en" : lang);

const rules = new Map();
function plural(lang, n) {
  if (!rules.has(lang)) rules.set(lang, new Intl.PluralRules(lang));
  return rules.get(lang).select(n);
}
const formats = new Map();
function number(lang, n) {
  // Latin digits everywhere: counts stand beside limits, which are written so.
  if (!formats.has(lang)) formats.set(lang, new Intl.NumberFormat(lang + "-u-nu-latn", { maximumFractionDigits: 6 }));
  return formats.get(lang).format(n);
}

function render(lang, text, args) {
  let out = text ?? "";
  if (typeof out === "object") {
    const n = Number(args?.n ?? 0);
    out = out[plural(lang, n)] ?? out.other ?? "";
  }
  if (!args) return out;
  return out.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = args[name];
    if (value === undefined || value === null) return whole;
    return typeof value === "number" ? number(lang, value) : String(value);
  });
}

const english = (key, fallback, args) => render("en", fallback, args);
// Sentences of checks name parts, fields, languages and small counts ("Headline length", "Three over"): these are words too,
// and are looked up on their own.
const NAMES = new Set(["item", "items", "Item", "Items", "field", "language", "wanted", "count_word", "over_word", "missing_word"]);
function named(args, catalogue) {
  if (!args || !Object.keys(args).some((name) => NAMES.has(name))) return args;
  const word = (value) => (typeof value === "string" ? (catalogue[`item.${value.toLowerCase()}`] ?? value) : value);
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, NAMES.has(name) ? word(value) : value]));
}

function translator(lang, catalogue) {
  if (lang === "en") return english;
  return (key, fallback, args) => render(tag(lang), catalogue[key] ?? fallback, named(args, catalogue));
}
store.translate = english;

// While React hydrates it is given version 0, that is the English it finds in the page; the real language follows at once.
export function useT() {
  const version = useSyncExternalStore(subscribe, () => store.version, () => 0);
  return version === 0 ? english : store.translate;
}
export function useLang() {
  return useSyncExternalStore(subscribe, () => store.lang, () => "en");
}
export function useDir() {
  return useSyncExternalStore(subscribe, () => store.dir, () => "ltr");
}
export const t = (key, fallback, args) => store.translate(key, fallback, args);

const catalogues = new Map();
function catalogue(lang) {
  if (lang === "en") return Promise.resolve({});
  if (!catalogues.has(lang)) {
    const early = window.__galleyLocale?.lang === lang ? window.__galleyLocale.json : null;
    const loaded = early ?? fetch(`/locales/${lang}.json`).then((answer) => answer.json());
    catalogues.set(lang, loaded);
    loaded.catch(() => catalogues.delete(lang));
  }
  return catalogues.get(lang);
}

function mark() {
  const root = document.documentElement;
  if (root.lang !== store.lang) root.lang = store.lang;
  if (root.dir !== store.dir) root.dir = store.dir;
}

export async function setLang(wanted, { remember = true } = {}) {
  let lang = wanted;
  // A file that cannot be fetched leaves the page in English, never half in one and half in the other.
  const words = await catalogue(wanted).catch(() => ((lang = "en"), {}));
  store.lang = lang;
  store.dir = direction(lang);
  store.translate = translator(lang, words);
  store.version += 1;
  mark();
  if (remember && lang === wanted) document.cookie = `${COOKIE}=${lang};path=/;max-age=31536000;samesite=lax`;
  subscribers.forEach((callback) => callback());
  document.documentElement.classList.remove("words-wait");
}

export const chooseLang = (lang) => setLang(lang);

// The account's language wins over this browser's when it is new here; after that the person may switch this browser freely.
export function LanguageOf({ locale }) {
  useEffect(() => {
    if (locale && isNews("galley_account_lang", locale) && locale !== store.lang) setLang(locale);
  }, [locale]);
  return null;
}

export function isNews(name, value) {
  try {
    if (localStorage.getItem(name) === value) return false;
    localStorage.setItem(name, value);
  } catch {
    return false; // storage is switched off: the browser's own choice stays
  }
  return true;
}

if (typeof window !== "undefined") {
  window.galleyText = t;
  const first = window.__galleyLocale?.lang;
  if (first) {
    store.lang = first;
    store.dir = direction(first);
    setLang(first, { remember: false });
  }
  // React and the router write lang and dir of the prerendered page back when they take over; this puts them right.
  new MutationObserver(mark).observe(document.documentElement, { attributes: true, attributeFilter: ["lang", "dir"] });
}

// Sets the title of the browser tab in the language of the screen.
export function PageTitle({ title }) {
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
