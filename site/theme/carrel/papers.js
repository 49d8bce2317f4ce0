/* The table of papers: every heading sorts, the fields above it filter, and the address says what is shown, so that a
   view can be shared and kept. All of it is read from the cells; without this script the table is as it stands. */
(() => {
  const table = document.querySelector(".carrel-wide > table.carrel-papers");
  const count = document.querySelector(".carrel-count");
  if (!count || !table?.tHead || !table.tBodies.length) return;
  const [body, later] = table.tBodies;
  const rows = [...body.rows, ...(later?.rows ?? [])];
  /* Rows that are laid out at a time: a page with thousands of them would be slow to open and to type in. */
  const FIRST = later ? body.rows.length : rows.length;
  const LEVELS = ["queued", "skimmed", "read", "summarised", "reproduced"];
  const headings = new Map([...table.tHead.rows[0].cells].map((cell) => [cell.textContent.toLowerCase(), cell]));
  const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const stars = (text) => text.split("★").length - 1;
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const number = (count) => count.toLocaleString("en");

  /* What each row says, taken from it when it is first asked for. */
  const once = (read) => {
    const known = new Map();
    return (row) => known.get(row) ?? known.set(row, read(row)).get(row);
  };
  const cell = (name) => (row) => row.cells[headings.get(name).cellIndex];
  const text = (name) => once((row) => cell(name)(row).textContent.trim());
  const linked = (name) =>
    once((row) => {
      const links = [...cell(name)(row).children].map((link) => link.textContent.replace(/^#/, ""));
      return links.length || !said[name](row) ? links : [said[name](row)]; /* a project that has no page */
    });
  const words = once((row) => {
    const names = [...row.querySelectorAll("td > [title]")].map((one) => one.title); /* everybody behind "et al." */
    return folded([row.textContent, ...names].join(" "));
  });
  const said = Object.fromEntries([...headings.keys()].map((name) => [name, text(name)]));
  const year = (row) => Number.parseInt(said.year(row), 10) || 0;
  /* What columns are sorted by that are not sorted by the alphabet: the most comes first. */
  const AMOUNTS = {
    year,
    reading: (row) => LEVELS.indexOf(said.reading(row)) + 1,
    rating: (row) => stars(said.rating(row)),
  };

  /* The fields: `key` is their name in the address; `values` are those of a row, of which one is chosen; `passes` says
     whether a row is shown for a choice, `option` what a choice is called. */
  const oneOf = (values) => (row, wanted) => values(row).includes(wanted);
  const choice = (key, label, column, values, more = {}) => ({ key, label, column, values, passes: oneOf(values), ...more });
  const single = (column) => (row) => (said[column](row) ? [said[column](row)] : []);
  const years = { option: String, order: (one, other) => other - one };
  const yearOf = (row) => (year(row) ? [String(year(row))] : []);
  const fields = [
    {
      key: "q",
      label: "Find",
      passes: (row, wanted) => folded(wanted).split(/\s+/).every((word) => words(row).includes(word)),
    },
    choice("from", "From year", "year", yearOf, { ...years, passes: (row, wanted) => year(row) >= wanted }),
    choice("to", "To year", "year", yearOf, { ...years, passes: (row, wanted) => year(row) && year(row) <= wanted }),
    choice("venue", "Venue", "venue", single("venue")),
    choice("reading", "Reading", "reading", single("reading"), {
      order: (one, other) => LEVELS.indexOf(one) - LEVELS.indexOf(other),
    }),
    choice("rating", "Rating", "rating", (row) => (AMOUNTS.rating(row) ? [String(AMOUNTS.rating(row))] : []), {
      passes: (row, wanted) => AMOUNTS.rating(row) >= wanted,
      option: (value) => (value === "5" ? "★★★★★" : `${"★".repeat(value)} and better`),
      order: (one, other) => other - one,
    }),
    choice("project", "Project", "project", headings.has("project") ? linked("project") : null),
    choice("tag", "Tag", "tags", headings.has("tags") ? linked("tags") : null, {
      option: (value, papers) => `#${value} (${number(papers)})`,
    }),
  ].filter((field) => !field.column || headings.has(field.column));

  function input() {
    const made = document.createElement("input");
    made.type = "search";
    made.placeholder = "title, author, any word";
    made.spellcheck = false;
    return made;
  }

  /* Null where there is nothing to choose: every paper says the same, or none says anything. */
  function select({ values, order = compare, option = (value, papers) => `${value} (${number(papers)})` }) {
    const found = new Map();
    for (const row of rows) for (const value of values(row)) found.set(value, (found.get(value) ?? 0) + 1);
    if ([...found.values()].every((papers) => papers === rows.length)) return null;
    const made = document.createElement("select");
    made.append(new Option("any", ""));
    for (const value of [...found.keys()].sort(order)) made.append(new Option(option(value, found.get(value)), value));
    return made;
  }

  function button(label) {
    const made = document.createElement("button");
    made.type = "button";
    made.append(label);
    return made;
  }

  const form = document.createElement("form");
  form.className = "carrel-filters";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Papers");
  const shown = fields.filter((field) => {
    field.element = field.values ? select(field) : input();
    return field.element;
  });
  for (const { key, label, element } of shown) {
    element.id = `carrel-papers-${key}`;
    const name = document.createElement("label");
    name.htmlFor = element.id;
    name.textContent = label;
    const both = document.createElement("div");
    both.append(name, element);
    form.append(both);
  }
  const clear = button("Clear");
  form.append(clear);
  const more = button("");
  more.className = "carrel-show-all";
  let sort = ""; /* the name of a column, with a minus before it for the other way round */
  let most = FIRST;

  function sorted(found) {
    const column = sort.replace("-", "");
    if (!column) return found;
    const key = AMOUNTS[column] ?? said[column];
    const order = AMOUNTS[column] ? (one, other) => one - other : compare;
    const sign = sort.startsWith("-") ? -1 : 1;
    const known = found.filter(key).sort((one, other) => sign * order(key(one), key(other)));
    return [...known, ...found.filter((row) => !key(row))];
  }

  function show() {
    const asked = shown.filter(({ element }) => element.value.trim());
    const passing = (row) => asked.every(({ passes, element }) => passes(row, element.value.trim()));
    const found = sorted(rows.filter(passing));
    body.replaceChildren(...found.slice(0, most));
    for (const [name, heading] of headings) {
      if (sort.replace("-", "") !== name) heading.removeAttribute("aria-sort");
      else heading.setAttribute("aria-sort", sort.startsWith("-") ? "descending" : "ascending");
    }
    const all = `${number(rows.length)} paper${rows.length > 1 ? "s" : ""}`;
    count.textContent = asked.length ? `${number(found.length)} of ${all}` : `${all}${sort ? "" : ", the newest first"}.`;
    clear.hidden = !asked.length && !sort;
    more.hidden = found.length <= most;
    more.textContent = `Show all ${number(found.length)}`;
  }

  /* Takes from the address what it says, and nothing that it cannot mean. */
  function read() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const { key, element } of shown) {
      element.value = wanted.get(key) ?? "";
      if (element.selectedIndex === -1) element.value = "";
    }
    sort = wanted.get("sort") ?? "";
    if (!headings.has(sort.replace(/^-/, ""))) sort = "";
    most = FIRST;
    show();
  }

  let writing = 0;
  function changed() {
    most = FIRST;
    show();
    clearTimeout(writing); /* Safari takes a hundred new addresses in half a minute, and somebody is typing */
    writing = setTimeout(() => {
      const state = new URLSearchParams();
      for (const { key, element } of shown) if (element.value.trim()) state.set(key, element.value.trim());
      if (sort) state.set("sort", sort);
      history.replaceState(history.state, "", String(state) ? `#${state}` : location.pathname + location.search);
    }, 250);
  }

  for (const [name, heading] of headings) {
    const made = button("");
    made.append(...heading.childNodes);
    heading.append(made);
    /* First the best or the newest, names from A; then the other way round; then as it was. */
    const ways = AMOUNTS[name] ? [`-${name}`, name, ""] : [name, `-${name}`, ""];
    made.addEventListener("click", () => {
      sort = ways[(ways.indexOf(sort) + 1) % ways.length];
      changed();
    });
  }
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  clear.addEventListener("click", () => {
    for (const { element } of shown) element.value = "";
    sort = "";
    changed();
    shown[0].element.focus();
  });
  more.addEventListener("click", () => {
    const next = body.rows.length;
    most = rows.length;
    show();
    body.rows[next]?.querySelector("a")?.focus();
  });
  addEventListener("hashchange", read);
  addEventListener("beforeprint", () => {
    most = rows.length;
    show();
  });

  later?.remove();
  count.before(form);
  table.closest(".carrel-wide").after(more);
  read();
})();
