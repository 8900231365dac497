// The page of any model: its facts, its declared lineage, what was measured, and the licences up to its root.
(function () {
  "use strict";
  const { load, words, word, say, count, make, name, address, asked } = window.modelkin;
  const title = document.getElementById("model-title");
  const message = document.getElementById("model-message");
  const record = document.getElementById("record");
  const MAX_GENERATIONS = 40;
  let models, fields;

  // The record of the model at a place of the list of ids.
  async function read(place) {
    let [low, high] = [0, models.starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (models.starts[middle] <= place) low = middle;
      else high = middle - 1;
    }
    const shard = await load("models/" + low);
    return shard[place - models.starts[low]];
  }

  const field = (row, key) => row[fields[key]];

  // The text behind a code; null where it is not known.
  function coded(row, key) {
    const values = models.values[key];
    const code = field(row, key);
    return code < values.length ? word(key, values[code]) : null;
  }

  const idOf = (reference) => (typeof reference === "number" ? models.ids[reference] : reference);

  function link(reference) {
    const id = idOf(reference);
    return typeof reference === "number" ? make("a", { href: address(id) }, name(id)) : name(id);
  }

  function fact(term, value) {
    return value === null || value === undefined ? "" : make("div", {}, make("dt", {}, words[term]), make("dd", {}, value));
  }

  function facts(row) {
    const architecture = coded(row, "architecture");
    return make(
      "section",
      {},
      make("h2", {}, words.facts),
      make(
        "dl",
        {},
        fact("type", coded(row, "type")),
        field(row, "is_observed") ? "" : fact("observed", words.never_observed),
        fact("created", field(row, "created")),
        fact("downloads", field(row, "downloads") === null ? null : count(field(row, "downloads"))),
        fact("likes", field(row, "likes") === null ? null : count(field(row, "likes"))),
        fact("license", coded(row, "license")),
        fact("architecture", architecture && field(row, "is_inferred") ? say("inferred", { architecture }) : architecture),
        fact("parameters", field(row, "parameters") === null ? null : count(field(row, "parameters"))),
        fact("task", coded(row, "task")),
        fact("library", coded(row, "library")),
        fact("country", coded(row, "country")),
        fact("gated", coded(row, "gated"))
      )
    );
  }

  // The overlaps measured with one model, written out, each with its study.
  function measuredWith(row, reference) {
    return field(row, "pairs")
      .filter((pair) => idOf(pair[0]) === idOf(reference) && pair[3] !== null)
      .map((pair) => ` · ${words.overlap} ${pair[3].toFixed(4)} (${models.studies[pair[2]]})`)
      .join("");
  }

  function list(items, all, none) {
    if (!items.length) return make("p", {}, none);
    const made = make("ul", { class: "plain" }, ...items.map((item) => make("li", {}, ...item)));
    const rest = items.length < all ? make("p", { class: "quiet" }, say("first_of", { shown: count(items.length), all: count(all) })) : "";
    return make("div", {}, made, rest);
  }

  // Fills %(name)s of a sentence with elements or texts; returns them and the texts between them.
  function filled(sentence, values) {
    return sentence.split(/%\((\w+)\)s/).map((part, at) => (at % 2 ? values[part] : part));
  }

  // The sentence of `modelkin check` about the model: what is declared against what was measured, and how sure that is.
  function told(row, place) {
    const [head, witness, parent, nearest, confidence, n, confirmed, reason] = field(row, "told");
    const said = make("span", {}, ...filled(words.heads[models.heads[head]], {
      model: name(models.ids[place]),
      parent: parent === undefined || parent === null ? "" : link(parent),
      nearest: nearest === undefined || nearest === null ? "" : link(nearest),
      n: n || 0,
      n_confirmed: confirmed || 0,
      n_untested: (n || 0) - (confirmed || 0),
    }));
    const sure = confidence === undefined || confidence === null ? "" : confidence;
    const isKnown = witness !== undefined && witness !== null;
    const whole = reason ? "whole_reason" : isKnown ? (sure ? "whole_sure" : "whole") : "whole_bare";
    const values = {
      head: said,
      witness: isKnown ? words.witnesses[models.witnesses[witness]] : "",
      confidence: sure,
      reason: make("span", { lang: "en" }, reason || ""),
    };
    return make("p", { class: "lede told" }, ...filled(words[whole], values));
  }

  function lineage(row, place) {
    const parents = field(row, "parents").map(function ([reference, relation, isIgnored]) {
      const note = ` · ${word("relation", models.relations[relation])}${isIgnored ? " · " + words.ignored : ""}`;
      return [link(reference), note + measuredWith(row, reference)];
    });
    const root = field(row, "root");
    return make(
      "section",
      {},
      make("h2", {}, words.lineage),
      make(
        "dl",
        {},
        root !== null && idOf(root) !== models.ids[place] ? fact("family", link(root)) : "",
        field(row, "depth") ? fact("depth", count(field(row, "depth"))) : "",
        fact("fit", field(row, "pairs").length ? coded(row, "fit") : null)
      ),
      make("h3", {}, words.parents),
      list(parents, parents.length, words.no_parents),
      make("h3", {}, words.children),
      list(field(row, "children").map((child) => [link(child)]), field(row, "n_children"), words.no_children)
    );
  }

  function measured(row) {
    const pairs = field(row, "pairs");
    const section = make("section", {}, make("h2", {}, words.measured));
    if (!pairs.length) {
      section.append(make("p", {}, words.no_pairs));
      return section;
    }
    const heads = ["other_model", "role", "overlap", "relation", "study"].map((term) =>
      make("th", { scope: "col", class: term === "overlap" ? "n" : "" }, words[term])
    );
    const declared = new Set(field(row, "parents").map(([reference]) => idOf(reference)));
    const rows = pairs.map(([reference, isDerived, study, overlap, relation, reason]) =>
      make(
        "tr",
        {},
        make("td", {}, link(reference)),
        make("td", {}, declared.has(idOf(reference)) ? words.declared : isDerived ? words.as_derived : words.as_base),
        make("td", { class: "n" }, overlap === null ? word("reason", reason) : overlap.toFixed(4)),
        make("td", {}, relation === null ? words.unknown : word("family_relation", relation)),
        make("td", {}, models.studies[study])
      )
    );
    section.append(
      make(
        "div",
        { class: "scroll", tabindex: "0" },
        make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows))
      )
    );
    if (pairs.length < field(row, "n_pairs")) {
      section.append(make("p", { class: "quiet" }, say("first_of", { shown: count(pairs.length), all: count(field(row, "n_pairs")) })));
    }
    return section;
  }

  // The licences of the model and of those it descends from, by the first parent that is not ignored.
  async function chain(row, place, isCurrent) {
    const entries = [];
    for (let at = place, here = row, n = 0; n < MAX_GENERATIONS; n++) {
      entries.push([link(at), ` · ${here === null ? words.unknown : coded(here, "license") || words.unknown}`]);
      const next = here === null ? undefined : field(here, "parents").find((parent) => !parent[2]);
      if (next === undefined) break;
      at = next[0];
      here = typeof at === "number" ? await read(at) : null;
      if (!isCurrent()) return;
    }
    if (entries.length < 2) return;
    record.append(make("section", {}, make("h2", {}, words.license_chain), list(entries, entries.length, "")));
  }

  let turn = 0;

  async function show() {
    const mine = ++turn;
    const isCurrent = () => mine === turn;
    const id = asked();
    record.replaceChildren();
    message.hidden = id !== "";
    message.textContent = words.choose;
    if (!id) return;
    models = await load("models");
    fields = Object.fromEntries(models.fields.map((key, at) => [key, at]));
    let place = models.ids.indexOf(id);
    if (place < 0) place = models.ids.findIndex((other) => other.toLowerCase() === id.toLowerCase());
    title.replaceChildren(name(place < 0 ? id : models.ids[place]));
    if (place < 0) {
      const all = models.ids.length === models.total;
      message.hidden = false;
      message.textContent = say(all ? "no_model" : "no_model_of_some", { id, shown: count(models.ids.length), all: count(models.total) });
      return;
    }
    const row = await read(place);
    if (!isCurrent()) return;
    document.title = `${models.ids[place]} · Modelkin`;
    const ways = [make("a", { href: "https://huggingface.co/" + id.split("/").map(encodeURIComponent).join("/"), rel: "noreferrer noopener" }, words.on_hub)];
    if (field(row, "root") !== null) ways.unshift(make("a", { href: "network.html#" + address(id).split("#")[1] }, words.in_network));
    record.append(told(row, place), make("p", { class: "onward" }, ...ways), facts(row), lineage(row, place), measured(row));
    await chain(row, place, isCurrent);
    record.dataset.shown = models.ids[place];
  }

  function fail(error) {
    message.hidden = false;
    message.textContent = words.no_data;
    throw error;
  }

  addEventListener("hashchange", () => show().catch(fail));
  show().catch(fail);
})();
