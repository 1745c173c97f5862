// Runs in the head, before the first paint: no flash of the wrong direction or language (Reflex does the theme).
(() => {
  const root = document.documentElement;
  const languages = __LANGUAGES__;
  const asked = new URLSearchParams(location.search).get("lang");
  const kept = (document.cookie.match(/(?:^|; )galley_lang=([\w-]+)/) || [])[1];
  const own = (navigator.languages || []).map((tag) => tag.split("-")[0]);
  const lang = [asked, kept, ...own, "en"].find((tag) => languages.includes(tag)) || "en";
  if (lang === "en") return;
  root.lang = lang;
  root.dir = /^(ar|he|fa|ur)\b/.test(lang) ? "rtl" : "ltr";
  root.classList.add("words-wait");
  window.__galleyLocale = { lang, json: fetch(`/locales/${lang}.json`).then((r) => r.json()) };
  setTimeout(() => root.classList.remove("words-wait"), 400);
})();
