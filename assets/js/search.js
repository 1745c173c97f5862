// Finding a template by what people call it. Everything is in the page already, so an answer takes well under a millisecond.
const fold = (text) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f\u064b-\u0652\u0640]/g, "") // accents, Arabic vowel marks and stretching
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

const stem = (word) => (word.length > 3 ? word.replace(/(ies|es|s)$/, "") : word);
const words = (text) => fold(text).split(" ").filter(Boolean).map(stem);

const index = new WeakMap();
function entry(template, t) {
  const known = index.get(template);
  if (known && known.t === t) return known;
  const name = t(template.key, template.name);
  const built = {
    t,
    names: [...new Set([name, template.name])].map((text) => [fold(text), words(text)]),
    synonyms: template.synonyms.map((text) => [fold(text), words(text), text]),
    purpose: words(`${template.purpose} ${t(template.purposeKey, template.purpose)} ${t(template.categoryKey, template.categoryName)} ${template.categoryName}`),
  };
  index.set(template, built);
  return built;
}

// How well one text answers: the whole of it, its beginning, all words at the beginning of its words.
function fit(query, asked, text, parts) {
  if (text === query) return 1;
  if (text.startsWith(query + " ")) return 0.9;
  if (text.startsWith(query)) return 0.8;
  const hits = asked.filter((word) => parts.some((part) => part.startsWith(word))).length;
  if (hits === asked.length) return 0.7;
  return (0.4 * hits) / asked.length;
}

// Return [{template, score, synonym}] best first; `synonym` is what matched when the name itself did not.
export function find(templates, question, t) {
  const query = fold(question);
  if (!query) return templates.map((template) => ({ template, score: 1, synonym: null }));
  const asked = words(question);
  const found = [];
  for (const template of templates) {
    const known = entry(template, t);
    let score = 0;
    let synonym = null;
    for (const [text, parts] of known.names) score = Math.max(score, 1.1 * fit(query, asked, text, parts));
    for (const [text, parts, spelt] of known.synonyms) {
      const value = fit(query, asked, text, parts);
      if (value > score) [score, synonym] = [value, spelt];
    }
    const loose = asked.filter((word) => known.purpose.some((part) => part.startsWith(word))).length / asked.length;
    if (loose === 1 && score < 0.5) [score, synonym] = [0.5, null];
    else if (loose > 0 && score < 0.2 * loose) score = 0.2 * loose;
    if (score > 0) found.push({ template, score, synonym });
  }
  return found.sort((a, b) => b.score - a.score);
}

export const GOOD_ENOUGH = 0.5;
