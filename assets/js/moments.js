// Moments in few words: the time alone for today, the day before it for any other.
import { useLang } from "./i18n.js";

const shown = (lang) => (lang === "qps" ? "en" : lang);

export function clockOf(iso, lang) {
  if (!iso) return "";
  const moment = new Date(iso);
  const today = new Date().toDateString() === moment.toDateString();
  const day = today ? {} : { day: "numeric", month: "short" };
  const format = { ...day, hour: "2-digit", minute: "2-digit", hour12: false, numberingSystem: "latn" };
  return new Intl.DateTimeFormat(shown(lang), format).format(moment);
}

// Slots of sentences take it as text: `const clock_ = useClock();` stands in every component that writes a moment.
export function useClock() {
  const lang = useLang();
  return (iso) => clockOf(iso, lang);
}
