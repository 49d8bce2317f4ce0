/* The files of the index, read when a query needs them.
 *
 * Each is a script that calls `carrelSearch.got`: a page that was opened from disk may load scripts and nothing else.
 */
"use strict";

(() => {
  const INDEX = new URL("../../search/", document.currentScript.src).href;
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
  const VALUE = new Uint8Array(128);
  for (let i = 0; i < 64; i++) VALUE[DIGITS.charCodeAt(i)] = i;
  const UNIT = 2 ** 20; // a unit's number: its block's times this, and its place in the block
  const FILES = 3; // of terms, that are read for a word's beginning
  const EXPANSIONS = 40; // words that a beginning may stand for

  const asked = new Map(); // name of a file -> { promise, resolve }
  let about = { version: "", units: 0, shown: 1, firsts: [], letters: "" };

  /** The data of a file, loaded once; null when it is not there. */
  function load(name) {
    if (asked.has(name)) return asked.get(name).promise;
    const one = {};
    one.promise = new Promise((resolve) => { one.resolve = resolve; });
    asked.set(name, one);
    const script = document.createElement("script");
    script.src = `${INDEX}${name}.js${about.version && `?${about.version}`}`;
    script.onload = script.onerror = () => { script.remove(); one.resolve(null); }; // after `got`, this changes nothing
    document.head.append(script);
    return one.promise;
  }

  /** Called by each file of the index. */
  const got = (name, data) => asked.get(name)?.resolve(data);

  /** Reads what every query needs. */
  async function open() {
    const found = await load("index");
    if (!found) throw new Error("its index is not there");
    about = found;
  }

  const fileName = (term) => `${[...term].map((c) => (/[a-z0-9]/i.test(c) ? c : `_${c.codePointAt(0).toString(16)}_`)).join("")}-`;

  /** Whether a term stands before another: by code points, as Python sorts, not by halves of them. */
  function before(a, b) {
    const [x, y] = [[...a], [...b]];
    const i = x.findIndex((letter, at) => letter !== y[at]);
    return i < 0 ? x.length < y.length : i < y.length && x[i].codePointAt(0) < y[i].codePointAt(0);
  }

  /** The number of the file that has a term, if any has. */
  function fileOf(term) {
    let [low, high] = [0, about.firsts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(term, about.firsts[middle])) high = middle;
      else low = middle + 1;
    }
    return Math.max(low - 1, 0);
  }

  const parsed = new Map(); // number of a file -> its terms

  async function termsOf(number) {
    if (!parsed.has(number)) {
      const text = (number < about.firsts.length && (await load(`terms/${fileName(about.firsts[number])}`))) || "";
      parsed.set(number, new Map(text.split("\n").map((line) => {
        const [term, endings, written] = line.split("\t");
        return [term, { term, endings, written }];
      })));
    }
    return parsed.get(number);
  }

  const decoded = new Map(); // term -> its units, each with its weight

  /** The units that have a term, each with how well it stands for the unit. */
  async function postings(term) {
    const { written = "" } = (await termsOf(fileOf(term))).get(term) || {};
    if (!decoded.has(term)) decoded.set(term, decode(written));
    return decoded.get(term);
  }

  function decode(written) {
    const found = new Map();
    for (let i = 0; i < written.length; i++) { // behind the end of a block's list
      const block = VALUE[written.charCodeAt(i)] * 64 + VALUE[written.charCodeAt(i + 1)];
      let place = -1;
      for (i += 2; written[i] !== "."; i++) {
        let [gap, shift, digit] = [0, 0, 0];
        for (; (digit = VALUE[written.charCodeAt(i++)]) > 31; shift += 5) gap += (digit - 32) << shift;
        place += gap + (digit << shift) + 1;
        found.set(block * UNIT + place, VALUE[written.charCodeAt(i)]);
      }
    }
    return found;
  }

  function spelled(stem, ending) {
    const drop = /^\d/.test(ending) ? Number(ending[0]) : 0;
    return stem.slice(0, stem.length - drop) + ending.slice(drop ? 1 : 0);
  }

  /** What the stem of a word can be: its first letters, with a last `y` as `i`. */
  function stemsOf(word) {
    const found = new Set();
    for (let size = 3; size <= word.length; size++) found.add(word.slice(0, size)).add(`${word.slice(0, size - 1)}i`);
    return found;
  }

  /** The terms that pass a test, in the files that have the terms `near`. */
  async function among(near, numbers, test) {
    const files = await Promise.all([...new Set([...[...near].map(fileOf), ...numbers])].map(termsOf));
    return files.flatMap((file) => [...file.values()].filter(test));
  }

  const stands = (known, test) => known.endings.split(",").some((ending) => test(spelled(known.term, ending)));

  /** The term of a word. The index knows that of each word in it; the stem is for a word that no unit has. */
  async function termOf({ word, stem }) {
    const isIt = (known) => stands(known, (one) => one === word);
    const known = (await termsOf(fileOf(stem))).get(stem);
    if (!/^[a-z]{4,}$/.test(word) || (known && isIt(known))) return stem;
    const near = stemsOf(word);
    const [other] = await among(near, [], (one) => near.has(one.term) && isIt(one));
    return other ? other.term : stem;
  }

  /** The terms of the words that begin with `start`, the most frequent first. Their stems may be shorter than it. */
  async function beginning(start) {
    const [near, first, last] = [stemsOf(start), fileOf(start), fileOf(`${start}\u{10ffff}`)];
    const numbers = Array.from({ length: Math.min(last - first + 1, FILES) }, (_, i) => first + i);
    const found = await among(near, numbers, (known) => (known.term.startsWith(start) && !known.term.includes(":"))
      || (near.has(known.term) && stands(known, (one) => one.startsWith(start))));
    return found.sort((a, b) => b.written.length - a.written.length).slice(0, EXPANSIONS).map(({ term }) => term);
  }

  /** The nearest words to one that no unit has, the most frequent first. */
  async function meant(word) {
    if (word.length < 4 || !/^\p{L}+$/u.test(word)) return [];
    // the first letter may be missing, or have changed places
    const letters = new Set([...word].slice(0, 2).filter((letter) => about.letters.includes(letter)));
    const files = await Promise.all([...letters].map((letter) => load(`words/${fileName(letter)}`)));
    const known = files.filter(Boolean).join(" ").split(" ");
    for (const errors of word.length > 4 ? [1, 2] : [1]) {
      const near = known.filter((one) => carrelSearch.within(word, one.slice(0, -1), errors));
      if (near.length) return near.sort((a, b) => b.at(-1) - a.at(-1)).slice(0, 3).map((one) => one.slice(0, -1));
    }
    return [];
  }

  /** What a hit shows of a unit: address, title, kind, day, people, sections. */
  async function unit(number) {
    const [block, place] = [Math.floor(number / UNIT), number % UNIT];
    const some = await load(`units/${block.toString(16)}-${Math.floor(place / about.shown).toString(16)}`);
    if (!some) return null;
    const [address, title, kind, date, people, sections] = some[place % about.shown];
    return { address, title, kind, date, people, sections };
  }

  const rarity = (units) => Math.log(1 + (about.units - units + 0.5) / (units + 0.5));

  Object.assign(carrelSearch, { load, got, open, postings, termOf, beginning, meant, unit, rarity });
})();
