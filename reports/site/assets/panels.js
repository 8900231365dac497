// What stands beside the picture of the network: the card of a model, the legend, and the table that says the same.
(function () {
  "use strict";
  const { words, word, say, count, make, name, address } = window.modelkin;

  // graph: the network as read, what of it is chosen and kept, and how to choose and keep something else.
  window.modelkin.panels = function (graph) {
    const { net, ids, children, familyOf, only, stage, box, picks, COLOURS, inside, classOf, paintOf, choose } = graph;
    const card = document.getElementById("card");

    function fact(term, ...what) {
      return what[0] === null ? "" : make("div", {}, make("dt", {}, words[term]), make("dd", {}, ...what));
    }

    function button(point) {
      const made = make("button", { type: "button", class: "plain-button" }, name(ids(point)));
      made.addEventListener("click", () => choose(point, true));
      return made;
    }

    const month = (months) => (months ? `${1970 + Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, "0")}` : "–");

    function shown(kind, point) {
      const { values, codes } = net.colours[kind];
      return codes[point] < values.length ? word(kind, values[codes[point]]) : words.unknown;
    }

    function fill() {
      card.hidden = graph.chosen < 0;
      if (graph.chosen < 0) return card.replaceChildren();
      const parent = net.parent[graph.chosen];
      const family = net.first[familyOf[graph.chosen]];
      const others = net.more[graph.chosen];
      const close = make("button", { type: "button", class: "close", "aria-label": words.close }, "×");
      close.addEventListener("click", () => (choose(-1), box.focus()));
      card.replaceChildren(
        close,
        make("h2", {}, name(ids(graph.chosen))),
        make(
          "dl",
          {},
          fact("type", shown("type", graph.chosen)),
          parent >= 0 ? fact("parent", button(parent)) : "",
          family === graph.chosen ? "" : fact("family", button(family)),
          fact("children", count(children[graph.chosen].length)),
          others.length ? fact("others", count(others.length), ...others.slice(0, 4).map((other) => make("div", {}, button(other)))) : "",
          fact("downloads", count(net.downloads[graph.chosen])),
          fact("created", month(net.month[graph.chosen])),
          fact("license", shown("license", graph.chosen)),
          fact("country", shown("country", graph.chosen)),
          fact("fit", shown("fit", graph.chosen))
        ),
        make("p", {}, make("a", { href: address(ids(graph.chosen)) }, words.all_facts))
      );
    }

    // the legend, whose entries keep one colour

    function legend() {
      const colour = net.colours[picks.colour.value];
      const counts = new Array(COLOURS + 2).fill(0);
      for (let point = 0; point < net.number.length; point++) if (inside(point)) counts[classOf(point)]++;
      const label = function (code) {
        if (code === COLOURS + 1) return words.unknown;
        return code === COLOURS ? words.other : word(picks.colour.value, colour.values[code]);
      };
      const entries = counts.flatMap(function (n, code) {
        if (!n) return [];
        const swatch = make("span", { class: "swatch" });
        swatch.style.background = paintOf(code);
        const made = make("button", { type: "button", "aria-pressed": String(graph.kept === code) }, swatch, label(code), make("small", {}, count(n)));
        made.addEventListener("click", function () {
          graph.keep(graph.kept === code ? null : code);
          document.querySelectorAll("#legend button")[entries.findIndex((entry) => entry.dataset.code === String(code))].focus();
        });
        made.dataset.code = String(code);
        return [made];
      });
      document.getElementById("legend").replaceChildren(...entries);
    }

    // the table

    const table = {
      sorted: "downloads",
      falling: true,
      limit: only === null ? 50 : 10,
      columns: {
        model: ids,
        family: (point) => ids(net.first[familyOf[point]]),
        type: (point) => shown("type", point),
        parent: (point) => (net.parent[point] >= 0 ? ids(net.parent[point]) : ""),
        downloads: (point) => (net.downloads[point] === null ? -1 : net.downloads[point]),
        created: (point) => net.month[point],
      },
      fill() {
        const rows = [];
        for (let point = 0; point < net.number.length; point++) {
          if (inside(point) && (graph.kept === null || graph.kept === classOf(point))) rows.push(point);
        }
        const key = this.columns[this.sorted];
        const keys = new Map(rows.map((point) => [point, key(point)]));
        const order = (a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : 0);
        rows.sort((a, b) => (this.falling ? -order(a, b) : order(a, b)) || a - b);
        document.querySelector("#network-table tbody").replaceChildren(...rows.slice(0, this.limit).map(row));
        document.getElementById("network-rows").textContent = say("rows", { shown: count(Math.min(this.limit, rows.length)), all: count(rows.length) });
        document.getElementById("network-more").hidden = rows.length <= this.limit;
        document.querySelectorAll("#network-table th").forEach((head) =>
          head.setAttribute("aria-sort", head.dataset.column !== this.sorted ? "none" : this.falling ? "descending" : "ascending")
        );
      },
    };

    function row(point) {
      const show = make("button", { type: "button", class: "show", "aria-label": say("show", { id: ids(point) }) }, "◎");
      show.addEventListener("click", function () {
        stage.scrollIntoView({ block: "start" });
        choose(point, true);
        box.focus({ preventScroll: true });
      });
      const parent = net.parent[point];
      return make(
        "tr",
        {},
        make("td", {}, show, make("a", { href: address(ids(point)) }, name(ids(point)))),
        make("td", {}, name(ids(net.first[familyOf[point]]))),
        make("td", {}, shown("type", point)),
        make("td", {}, parent >= 0 ? name(ids(parent)) : "–"),
        make("td", { class: "n" }, count(net.downloads[point])),
        make("td", {}, month(net.month[point]))
      );
    }

    document.querySelectorAll("#network-table th button").forEach((head) =>
      head.addEventListener("click", function () {
        const column = head.parentElement.dataset.column;
        table.falling = table.sorted === column ? !table.falling : column === "downloads" || column === "created";
        table.sorted = column;
        table.fill();
      })
    );
    document.getElementById("network-more").addEventListener("click", () => ((table.limit += 200), table.fill()));
    return { card: fill, legend, table: () => table.fill() };
  };
})();
