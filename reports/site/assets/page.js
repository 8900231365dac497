// Makes the tables of a page sort, filter, grow and save; without it they are whole and scroll.
"use strict";

const WORDS = document.body.dataset;
const STEP = 50;
const FILTERED_FROM = 12;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function valueOf(cell) {
  const text = cell.textContent.trim();
  const sign = text.replace(/−/g, "-").replace(/,/g, "").replace(/^[\[<]\s*/, "");
  const found = sign.match(/^-?\d+(\.\d+)?(?:e-?\d+)?/);
  if (!found || !cell.classList.contains("n")) return text === "–" ? null : text;
  const unit = { k: 1e3, M: 1e6, B: 1e9, T: 1e12 }[sign[found[0].length]] || 1;
  return Number(found[0]) * unit;
}

function compare(first, second) {
  if (first === null || second === null) return (first === null) - (second === null);
  if (typeof first === "number" && typeof second === "number") return first - second;
  return String(first).localeCompare(String(second), document.documentElement.lang, { numeric: true });
}

function enhance(table) {
  const body = table.tBodies[0];
  const head = table.tHead && table.tHead.rows[table.tHead.rows.length - 1];
  if (!body || !head || body.rows.length < 2) return;
  const rows = [...body.rows];
  const state = { column: -1, up: true, words: "", limit: STEP, facets: {} };
  const bar = element("div", { className: "tools" });
  const count = element("span", { className: "quiet" });
  count.setAttribute("role", "status");
  const more = element("button", { type: "button", textContent: WORDS.more });
  const all = element("button", { type: "button", textContent: WORDS.all });

  function draw() {
    const words = state.words.toLowerCase();
    let kept = rows.filter(
      (row) =>
        (!words || row.textContent.toLowerCase().includes(words)) &&
        Object.entries(state.facets).every(([at, value]) => !value || row.cells[at].dataset.facet === value),
    );
    if (state.column >= 0) {
      const keyed = kept.map((row) => [valueOf(row.cells[state.column]), row]);
      keyed.sort((a, b) => compare(a[0], b[0]) * (state.up || a[0] === null || b[0] === null ? 1 : -1));
      kept = keyed.map((pair) => pair[1]);
    }
    const shown = kept.slice(0, state.limit);
    body.replaceChildren(...shown);
    const hidden = kept.length - shown.length;
    more.hidden = all.hidden = hidden <= 0;
    count.hidden = rows.length <= FILTERED_FROM;
    count.textContent = `${shown.length.toLocaleString("en")} ${WORDS.shown} ${rows.length.toLocaleString("en")}`;
  }

  [...head.cells].forEach((cell, at) => {
    if (rows.some((row) => row.cells.length !== head.cells.length)) return;
    const button = element("button", { type: "button", className: "sort" });
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      state.up = state.column === at ? !state.up : !cell.classList.contains("n");
      state.column = at;
      [...head.cells].forEach((other) => other.removeAttribute("aria-sort"));
      cell.setAttribute("aria-sort", state.up ? "ascending" : "descending");
      draw();
    });
  });

  if (rows.length > FILTERED_FROM) {
    const field = element("input", { type: "search", placeholder: WORDS.filter });
    field.setAttribute("aria-label", WORDS.filter);
    field.addEventListener("input", () => {
      state.words = field.value;
      state.limit = STEP;
      draw();
    });
    bar.append(field);
    [...head.cells].forEach((cell, at) => {
      if (!("facet" in cell.dataset)) return;
      const values = new Map(rows.map((row) => [row.cells[at].dataset.facet, row.cells[at].dataset.facet]));
      const select = element("select", {}, element("option", { value: "", textContent: cell.textContent.trim() }));
      select.setAttribute("aria-label", cell.textContent.trim());
      values.forEach((value) => select.append(element("option", { value, textContent: value })));
      select.addEventListener("change", () => {
        state.facets[at] = select.value;
        draw();
      });
      bar.append(select);
    });
  }
  more.addEventListener("click", () => {
    state.limit += STEP;
    draw();
  });
  all.addEventListener("click", () => {
    state.limit = Infinity;
    draw();
  });
  const save = element("button", { type: "button", textContent: WORDS.csv });
  save.addEventListener("click", () => saveCsv(head, rows));
  bar.append(count);
  const box = table.closest(".scroll") || table;
  box.before(bar);
  box.after(element("div", { className: "tools" }, more, all, save));
  draw();
  window.addEventListener("beforeprint", () => body.replaceChildren(...rows.slice(0, 200)));
  window.addEventListener("afterprint", draw);
}

function saveCsv(head, rows) {
  const quoted = (cell) => {
    const note = cell.cloneNode(true);
    note.querySelectorAll("details").forEach((part) => part.remove());
    let text = note.textContent.trim().replace(/\s+/g, " ").replace(/^−/, "-");
    if (cell.classList.contains("n")) text = text.replace(/,(?=\d{3})/g, "");
    else if (/^[=+\-@]/.test(text)) text = `'${text}`; // a spreadsheet would run it as a formula
    return `"${text.replace(/"/g, '""')}"`;
  };
  const lines = [head, ...rows].map((row) => [...row.cells].map(quoted).join(","));
  const file = new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv" });
  const link = element("a", { href: URL.createObjectURL(file), download: `${document.title.split(" ·")[0]}.csv` });
  link.click();
  URL.revokeObjectURL(link.href);
}

document.querySelectorAll("main table:not([data-own])").forEach(enhance);

// The other language opens at the same section.
const sections = [...document.querySelectorAll("main [id]")];
document.querySelectorAll(".languages a").forEach((link) => {
  link.addEventListener("click", () => {
    const seen = sections.filter((part) => part.getBoundingClientRect().top <= window.innerHeight / 3).pop();
    if (seen && seen.id !== "main") link.hash = seen.id;
  });
});
