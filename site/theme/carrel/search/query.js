/* What a query asks, and how well each unit answers it: BM25 over all words, or over as many as there are. */
"use strict";

(() => {
  const { LONGEST, fold, stem, terms, joined, postings, termOf, beginning, meant, rarity } = carrelSearch;
  const FACET = /^(kind|tag|project|person|author|year):(?:"([^"]*)"?|(\S+))$/i;
  /** What counts less than a word as it was asked: a longer word, a title that begins so, a compound's parts; more, a compound as one word. */
  const LONGER = 0.7, BEGINS = 0.2, PARTS = 0.5, WRITTEN = 1.5;

  /** What is asked: groups of terms, quoted phrases, what is left out, filters. A group is a string between blanks. */
  function parse(text) {
    const query = { groups: [], phrases: [], without: [], filters: [] };
    for (const { 0: part, index } of text.matchAll(/-?(?:\w+:)?"[^"]*"?|\S+/g)) {
      const facet = part.match(FACET);
      const found = terms(part);
      const group = { terms: found, joined: joined(part), open: index + part.length === text.length && !part.endsWith('"') };
      if (facet) query.filters.push([facet[1].toLowerCase().replace("author", "person"), facet[2] ?? facet[3]]);
      else if (!found.length) continue;
      else if (/^-[\p{L}"]/u.test(part)) query.without.push({ ...group, open: false });
      else if (part.startsWith('"')) {
        query.phrases.push(found.map((term) => term.stem));
        query.groups.push(...found.map((term) => ({ terms: [term], joined: "", open: false })));
      } else query.groups.push(group);
    }
    return query;
  }

  /** Adds to scores those of a list, where they are better. */
  function best(into, list, factor) {
    for (const [unit, weight] of list) if (!(into.get(unit) >= weight * factor)) into.set(unit, weight * factor);
  }

  async function ofTerm(term) {
    const list = await postings(term), found = new Map();
    best(found, list, rarity(list.size));
    return found;
  }

  /** The scores of a word; if it may go on, of what it is the beginning of. */
  async function ofWord({ word, stem: base }, open) {
    const found = await ofTerm(await termOf({ word, stem: base }));
    if (!open) return found;
    const isShort = word.length < 3 && /^[a-z0-9]+$/.test(word);
    const lists = await Promise.all(isShort ? [postings(`*${word}`)] : (await beginning(word)).map(postings));
    const any = new Map();
    for (const list of lists) best(any, list, 1);
    best(found, any, rarity(any.size) * (isShort ? BEGINS : LONGER));
    return found;
  }

  /** The scores of a group: of a compound as one word, and less of its parts wherever they stand. */
  async function ofGroup(group) {
    const each = await Promise.all(group.terms.map((term, i) => ofWord(term, group.open && i === group.terms.length - 1)));
    const found = each.length === 1 ? each[0] : new Map();
    if (each.length > 1) {
      const [fewest, ...others] = each.sort((a, b) => a.size - b.size);
      for (const [unit, score] of fewest) {
        if (others.every((other) => other.has(unit))) found.set(unit, PARTS * others.reduce((sum, other) => sum + other.get(unit), score));
      }
    }
    if (group.joined) {
      best(found, await ofTerm(group.joined), WRITTEN);
      if (group.open) for (const term of await beginning(group.joined)) best(found, await ofTerm(term), LONGER);
    }
    return found;
  }

  /** Replaces a group that no unit has by the nearest words that there are. */
  async function corrected(group, found) {
    if (found.size || group.terms.length > 1) return "";
    const near = await meant(group.terms[0].word);
    for (const word of near) best(found, await ofTerm(await termOf({ word, stem: stem(word) })), 1);
    if (near.length) Object.assign(group, { terms: near.map((word) => ({ word, stem: stem(word) })), open: false });
    return near[0] || "";
  }

  /** The units that answer, best first, and what a hit needs to mark. `chosen` are filters beside the query's own. */
  async function search(text, chosen = []) {
    const query = parse(text);
    const keys = [...query.filters, ...chosen].map(([name, value]) => `${name}:${fold(value)}`.slice(0, 2 * LONGEST));
    const [groups, without, allowed] = await Promise.all([
      Promise.all(query.groups.map(ofGroup)), Promise.all(query.without.map(ofGroup)), Promise.all(keys.map(postings)),
    ]);
    const meantWords = (await Promise.all(groups.map((found, i) => corrected(query.groups[i], found)))).filter(Boolean);
    const sums = new Map();
    for (const found of groups) {
      for (const [unit, score] of found) {
        const [sum, count] = sums.get(unit) || [0, 0];
        sums.set(unit, [sum + score, count + 1]);
      }
    }
    if (!groups.length && allowed.length) for (const unit of allowed[0].keys()) sums.set(unit, [0, 0]);
    let ranked = [...sums].filter(([unit]) => allowed.every((list) => list.has(unit)) && !without.some((list) => list.has(unit)));
    const whole = ranked.filter(([, [, count]]) => count === groups.length);
    if (whole.length) ranked = whole;
    ranked.sort(([a, [x, m]], [b, [y, n]]) => y * n ** 2 - x * m ** 2 || b - a);
    const asked = query.groups.flatMap((group) => group.terms);
    return {
      text, phrases: query.phrases, meant: meantWords, whole: whole.length > 0, units: ranked.map(([unit]) => unit),
      stems: new Set(asked.map((term) => term.stem)), open: query.groups.filter((group) => group.open).map((group) => group.terms.at(-1).word),
    };
  }

  /** The words of a text that were asked, as [start, end]. */
  function marks(text, { stems, open }) {
    return terms(text).filter((term) => stems.has(term.stem) || open.some((start) => term.word.startsWith(start)))
      .map(({ start, end }) => [start, end]);
  }

  /** Whether a text has these stems side by side. */
  function holds(text, phrase) {
    const found = terms(text).map((term) => term.stem);
    return found.some((_, i) => phrase.every((one, j) => found[i + j] === one));
  }

  Object.assign(carrelSearch, { search, marks, holds });
})();
