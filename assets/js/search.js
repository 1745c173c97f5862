// Finding a template by what people call it. The same rules as app/content/search.py, which serves programs; a test holds the two
// together. Everything is in the page already, so an answer takes about a millisecond.
const NAME = 10;
const SYNONYM = 9;
const CATEGORY = 4;
const PURPOSE = 2;
const WHOLE = 1;
const PREFIX = 0.7;
const INSIDE = 0.5;
const NEAR = 0.4;
const PHRASE_BONUS = 8;
const MAX_QUERY = 200;
const STOP = new Set("a an and for in of on the to with me my need i want".split(" "));
const MARKS = /[^\P{Mn}\u0900-\u097f]/gu; // accents and vowel marks, except those of Devanagari, which are letters there

const folded = (text) => text.toLowerCase().normalize("NFKD").replace(MARKS, "").normalize("NFC").replaceAll("-", " ");
const wordsOf = (text) =>
  folded(text)
    .replace(/(?<=\p{L})['’](?=\p{L})/gu, "")
    .match(/[\p{L}\p{N}\p{Mc}\p{Mn}]+/gu) ?? [];

function entry(template, text) {
  const name = text(template.key, template.name);
  const synonyms = text(template.synonymsKey, template.synonyms)
    .split(",")
    .map((part) => part.trim());
  const weighed = [
    [text(template.purposeKey, template.purpose), PURPOSE],
    [text(template.categoryKey, template.categoryName), CATEGORY],
    [template.id.replaceAll("-", " "), NAME],
    ...synonyms.map((synonym) => [synonym, SYNONYM]),
    [name, NAME],
  ];
  const words = new Map();
  for (const [phrase, weight] of weighed)
    for (const word of wordsOf(phrase)) words.set(word, Math.max(weight, words.get(word) ?? 0));
  const phrases = new Set([name, ...synonyms].filter(Boolean).map(folded));
  return { words: [...words], phrases, name, synonyms };
}

const English = (key, text) => text;
const known = new Map();
function entries(template, t) {
  if (!known.has(t)) known.set(t, new WeakMap());
  const built = known.get(t);
  if (!built.has(template)) built.set(template, [entry(template, t), entry(template, English)]);
  return built.get(template);
}

// Whether at most `slips` letters are wrong, missing, added or swapped with their neighbour.
function within(one, other, slips) {
  if (Math.abs(one.length - other.length) > slips || one[0] !== other[0]) return false;
  let before = [];
  let row = [...Array(other.length + 1).keys()];
  for (let at = 1; at <= one.length; at++) {
    const last = before;
    before = row;
    row = [at];
    for (let to = 1; to <= other.length; to++) {
      const cost = Math.min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (one[at - 1] === other[to - 1] ? 0 : 1));
      const swapped = last.length && to > 1 && one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1];
      row.push(swapped ? Math.min(cost, last[to - 2] + 1) : cost);
    }
    if (Math.min(...row) > slips) return false;
  }
  return row[other.length] <= slips;
}

const isAscii = (word) => /^[\x00-\x7f]*$/.test(word);
function likeness(asked, word) {
  if (asked === word) return WHOLE;
  if (word.startsWith(asked)) return PREFIX;
  if (!isAscii(asked) && (word.includes(asked) || asked.includes(word))) return INSIDE;
  if (asked.length >= 4 && asked.endsWith("s") && asked.slice(0, -1) === word) return PREFIX;
  const slips = asked.length >= 8 ? 2 : asked.length >= 4 ? 1 : 0;
  return slips && within(asked, word, slips) ? NEAR : 0;
}

function score(found, asked, whole) {
  let total = 0;
  for (const word of asked) {
    let best = 0;
    for (const [one, weight] of found.words) best = Math.max(best, weight * likeness(word, one));
    if (best === 0) return 0;
    total += best;
  }
  return total / asked.length + (found.phrases.has(whole) ? PHRASE_BONUS : 0);
}

// The other name by which a template was found, when its own name does not hold the query.
function otherName({ name, synonyms }, whole) {
  if (folded(name).includes(whole)) return null;
  return synonyms.find((synonym) => folded(synonym).startsWith(whole)) ?? synonyms.find((synonym) => folded(synonym).includes(whole)) ?? null;
}

// Return [{template, score, synonym}], best first; every template for a blank question. `t` gives the words of the screen.
export function find(templates, question, t) {
  const cut = question.slice(0, MAX_QUERY);
  const whole = folded(cut).trim();
  const asked = wordsOf(cut).filter((word) => !STOP.has(word));
  if (!asked.length) return whole ? [] : templates.map((template) => ({ template, score: 1, synonym: null }));
  const found = [];
  for (const template of templates) {
    const both = entries(template, t);
    const value = Math.max(...both.map((one) => score(one, asked, whole)));
    if (value > 0) found.push({ template, score: value, synonym: otherName(both[0], whole) ?? otherName(both[1], whole) });
  }
  return found.sort((a, b) => b.score - a.score);
}

// The nearest templates when nothing is called so: those that answer the most words, then the gallery's first ones.
export function nearest(templates, question, t, most = 3) {
  const asked = wordsOf(question.slice(0, MAX_QUERY)).filter((word) => !STOP.has(word));
  const hits = asked.flatMap((word) => find(templates, word, t)).map((hit) => hit.template);
  return [...new Set([...hits, ...templates])].slice(0, most);
}
