// What all pages of the explorer share: data files that are loaded when they are needed, and the search for a model.
// Everything that comes from the data is printed with textContent.
(function () {
  "use strict";
  const own = document.currentScript;
  const up = own.dataset.up;
  const waiting = new Map();
  const loaded = new Map();

  // Loads data/NAME.js once and returns a promise of what it holds. The file calls modelkin.data(NAME, value).
  function load(name) {
    if (!loaded.has(name)) {
      loaded.set(
        name,
        new Promise(function (resolve, reject) {
          waiting.set(name, resolve);
          const script = document.createElement("script");
          script.src = up + "data/" + name + ".js";
          script.onerror = () => reject(new Error(script.src));
          document.head.append(script);
        })
      );
    }
    return loaded.get(name);
  }

  function data(name, value) {
    waiting.get(name)(value);
  }

  const kinds = { u2: Uint16Array, i4: Int32Array };

  // Turns base64 of little-endian integers into an array.
  function unpack(text, kind) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    return new kinds[kind](bytes.buffer);
  }

  // The words of this page in the reader's language.
  const words = JSON.parse(document.getElementById("explore-words").textContent);

  function word(kind, code) {
    const known = (words.kinds || {})[kind] || {};
    return Object.hasOwn(known, code) ? known[code] : code;
  }

  // Fills %(name)s in a sentence.
  function say(sentence, values) {
    return words[sentence].replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  }

  function count(number) {
    return number === null || number === undefined ? "–" : number.toLocaleString("en-US");
  }

  // Makes an element with a class and text, or with children.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // An id as text that keeps its own direction, whatever the direction of the page.
  function name(id) {
    return make("bdi", { class: "model" }, id);
  }

  function address(id) {
    return "model.html#" + id.split("/").map(encodeURIComponent).join("/");
  }

  // The id that stands behind # in the address of this page.
  function asked() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return location.hash.slice(1);
    }
  }

  let folded = null;

  // The places of the models whose ids hold every word of the query: exact ones first, then those that begin with it,
  // then those whose name does, then the others; within each the most downloaded first, which is the order of the ids.
  function find(ids, query, limit) {
    const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!parts.length) return [];
    if (folded === null) folded = ids.map((id) => id.toLowerCase());
    const ranks = [[], [], [], [], []];
    for (let place = 0; place < folded.length; place++) {
      const id = folded[place];
      if (!parts.every((part) => id.includes(part))) continue;
      const at = id.indexOf(parts[0]);
      const rank = id === parts[0] ? 0 : at === 0 ? 1 : id[at - 1] === "/" ? 2 : /[-_.]/.test(id[at - 1]) ? 3 : 4;
      if (ranks[rank].length < limit) ranks[rank].push(place);
    }
    return ranks.flat().slice(0, limit);
  }

  // A search box after the combobox pattern: the list follows what is typed; arrows, Enter and Escape work as expected.
  function search(box) {
    const input = box.querySelector("input");
    const list = box.querySelector("[role=listbox]");
    const status = box.querySelector("[role=status]");
    let hits = [];
    let chosen = -1;

    function close() {
      list.hidden = true;
      chosen = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function mark(next) {
      chosen = next;
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
      if (chosen < 0) return;
      input.setAttribute("aria-activedescendant", list.children[chosen].id);
      list.children[chosen].scrollIntoView({ block: "nearest" });
    }

    function take(place, models) {
      const event = new CustomEvent("chosen", { bubbles: true, cancelable: true, detail: { place } });
      close();
      input.value = models.ids[place];
      if (input.dispatchEvent(event)) location.href = address(models.ids[place]);
    }

    function show(models) {
      hits = find(models.ids, input.value, 20);
      list.replaceChildren(
        ...hits.map(function (place, at) {
          const item = make("li", { role: "option", id: list.id + "-" + at, "aria-selected": "false" });
          item.append(name(models.ids[place]));
          item.addEventListener("mousedown", (event) => event.preventDefault());
          item.addEventListener("click", () => take(place, models));
          return item;
        })
      );
      chosen = -1;
      const some = input.value.trim() !== "";
      list.hidden = !hits.length;
      input.setAttribute("aria-expanded", String(hits.length > 0));
      status.textContent = !some ? "" : hits.length ? say("hits", { n: hits.length }) : missed(models);
      status.classList.toggle("visually-hidden", hits.length > 0 || !some);
    }

    function missed(models) {
      if (models.ids.length === models.total) return words.no_hit;
      return say("no_hit_of_some", { shown: count(models.ids.length), all: count(models.total) });
    }

    const fail = () => (status.textContent = words.no_data);
    input.addEventListener("focus", () => load("models").catch(fail), { once: true });
    input.addEventListener("input", () => load("models").then(show, fail));
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      const last = hits.length - 1;
      if (event.key === "Escape") {
        if (list.hidden) input.value = "";
        close();
      } else if (event.key === "ArrowDown" && !list.hidden) {
        mark(chosen === last ? 0 : chosen + 1);
      } else if (event.key === "ArrowUp" && !list.hidden) {
        mark(chosen <= 0 ? last : chosen - 1);
      } else if (event.key === "Enter") {
        load("models").then(function (models) {
          const places = list.hidden ? find(models.ids, input.value, 1) : hits;
          if (places.length) take(places[Math.max(chosen, 0)], models);
        }, fail);
      } else {
        return;
      }
      event.preventDefault();
    });
  }

  window.modelkin = { load, data, unpack, words, word, say, count, make, name, address, asked, find };
  document.querySelectorAll("[data-search]").forEach(search);

  // Another language shows the same model. This comes after the link's own listener, which names a section.
  document.querySelectorAll(".languages").forEach(function (links) {
    links.addEventListener("click", function (event) {
      if (location.hash) event.target.closest("a").hash = location.hash;
    });
  });
})();
