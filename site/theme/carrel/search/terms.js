/* How text becomes terms: as `carrel.search.analysis` does it, so that what was indexed is what is asked. */
"use strict";

var carrelSearch = {};

(() => {
  const LONGEST = 40; // characters of a term
  const MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff";
  const PAIRED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u{20000}-\u{3ffff}";
  const LETTER = "\\p{L}\\p{N}";
  const WORD = new RegExp(`[${LETTER}${MARKS}]+(?:['’][${LETTER}]+)*`, "gu");
  const RUN = new RegExp(`([${PAIRED}]+)|(?:(?![${PAIRED}])[${LETTER}${MARKS}])+`, "gu");
  const COMPOUND = new RegExp(`^[${LETTER}]+(?:[._-][${LETTER}]+){1,4}$`, "u");
  const CONTRACTED = new Set(["t", "re", "ve", "ll", "d", "m"]);
  const stemmer = new EnglishStemmer();
  const stems = new Map();

  /** Text without the differences that a reader does not mean: width, ligatures, case, accents, extra spaces. */
  function fold(text) {
    if (!/^[\x00-\x7f]*$/.test(text)) {
      text = text.normalize("NFKD").toLowerCase().replace(/ß/g, "ss").replace(/ς/g, "σ").replace(/[\u0300-\u036f]/g, "").normalize("NFKC");
    }
    return text.toLowerCase().trim().replace(/\s+/g, " ");
  }

  /** The stem of a folded word. */
  function stem(word) {
    if (word.length < 4 || !/^[a-z]+$/.test(word)) return word.slice(0, LONGEST);
    if (!stems.has(word)) stems.set(word, stemmer.stemWord(word).slice(0, LONGEST));
    return stems.get(word);
  }

  /** A word without its apostrophes: `model's` is `model`, `don't` is `dont`, `l'homme` is `l`, `homme`. */
  function pieces(word) {
    const [first, ...tails] = fold(word).split(/['’]/);
    const found = [first];
    for (const tail of tails) {
      if (CONTRACTED.has(tail)) found[found.length - 1] += tail;
      else if (tail !== "s") found.push(tail);
    }
    return found;
  }

  /** The terms of a text, in order: the folded word, its stem, and where in the text it stands. */
  function terms(text) {
    const found = [];
    for (const { 0: written, index } of text.matchAll(WORD)) {
      for (const piece of pieces(written)) {
        for (const { 0: run, 1: paired, index: at } of piece.matchAll(RUN)) {
          const letters = [...run];
          if (!paired || letters.length < 2) {
            found.push({ word: run.slice(0, LONGEST), stem: stem(run), start: index, end: index + written.length });
            continue;
          }
          for (let i = 0; i + 1 < letters.length; i++) {
            const pair = letters[i] + letters[i + 1];
            found.push({ word: pair, stem: pair, start: index + at + i, end: index + at + i + 2 });
          }
        }
      }
    }
    return found;
  }

  /** `top_k`, `SAE-7B` and `2310.06820` as one word; "" for what is no compound. */
  function joined(text) {
    const bare = text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
    const word = COMPOUND.test(bare) ? fold(bare).replace(/[._-]/g, "") : "";
    return word.length <= LONGEST && /^[\x00-\x7f]*$/.test(word) ? word : "";
  }

  /** Whether at most `limit` letters inserted, left out, changed or swapped with a neighbour make one word the other. */
  function within(a, b, limit) {
    if (Math.abs(a.length - b.length) > limit) return false;
    let older = [], last = [], row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      [older, last, row] = [last, row, [i]];
      for (let j = 1; j <= b.length; j++) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], older[j - 2] + 1);
      }
      if (Math.min(...row) > limit && Math.min(...last) > limit) return false;
    }
    return row[b.length] <= limit;
  }

  Object.assign(carrelSearch, { LONGEST, fold, stem, terms, joined, within });
})();
