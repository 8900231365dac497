// The network page: layouts, colours, neighbours, flights; panels.js has what stands beside it, hands.js keys and pointers.
(function () {
  "use strict";
  const { load, unpack, word, asked, Points, byProcessor } = window.modelkin;
  const stage = document.getElementById("stage");
  const only = stage.dataset.family || null; // a family's page shows that family alone
  const box = document.getElementById("network");
  const over = document.getElementById("network-over");
  const pen = over.getContext("2d", byProcessor);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const COLOURS = 9;
  const FRAME = 36;
  // How strong the lines are: where they would cover the points, only those of the chosen model are drawn.
  const FAINT = { radial: () => 0.42, time: (n) => (n > 3000 ? 0 : 0.3), size: () => 0 };
  const LARGEST = 30; // pixels between two models when all are shown
  const picks = { layout: document.getElementById("layout"), colour: document.getElementById("colour") };
  const merges = document.getElementById("merges");

  let net, models, draws, panels, layout, places, ids, children, familyOf;
  const view = { x: 0, y: 0, scale: 1, moved: 1, pixels: 1, unit: 1, faint: 1 };
  let style = {};
  let hovered = -1;
  let chosen = -1;
  let kept = null; // the code of the colour that the legend keeps, null for all
  let pending = false;

  // reading

  function prepare(network, all) {
    models = all;
    net = network;
    net.number = unpack(net.number, "i4");
    net.parent = unpack(net.parent, "i4");
    net.others = unpack(net.others, "i4");
    net.first = unpack(net.first, "i4");
    net.sizes = unpack(net.sizes, "i4");
    net.month = unpack(net.month, "u2");
    for (const colour of Object.values(net.colours)) colour.codes = unpack(colour.codes, "u2");
    for (const shape of Object.values(net.layouts)) {
      shape.x = unpack(shape.x, "u2");
      shape.y = unpack(shape.y, "u2");
    }
    const n = net.number.length;
    ids = (point) => models.ids[net.number[point]];
    familyOf = new Int32Array(n);
    net.first.forEach((first, at) => familyOf.fill(at, first, at + 1 < net.first.length ? net.first[at + 1] : n));
    children = Array.from({ length: n }, () => []);
    net.parent.forEach((parent, point) => parent >= 0 && children[parent].push(point));
    net.more = Array.from({ length: n }, () => []); // parents and children by edges outside the trees
    for (let at = 0; at < net.others.length; at += 2) {
      const [child, parent] = [net.others[at], net.others[at + 1]];
      net.more[child].push(parent);
      net.more[parent].push(child);
    }
    net.point = new Map(Array.from(net.number, (number, point) => [number, point]));
  }

  const inside = (point) => only === null || ids(net.first[familyOf[point]]) === only;

  // looks

  function readStyle() {
    const css = getComputedStyle(stage);
    const read = (name) => css.getPropertyValue(name).trim();
    style = { ink: read("--ink"), soft: read("--soft"), paper: read("--paper"), accent: read("--link"), faint: read("--faint") };
    style.colours = Array.from({ length: COLOURS }, (_, at) => read("--c" + at));
    style.other = read("--c-other");
    style.unknown = read("--c-unknown");
    style.font = "600 12px " + read("--sans");
  }

  // The colour class of a point: a code, COLOURS for one of the rarer ones, COLOURS + 1 for unknown.
  function classOf(point) {
    const colour = net.colours[picks.colour.value];
    const code = colour.codes[point];
    if (code >= colour.values.length) return COLOURS + 1;
    return Math.min(code, COLOURS);
  }

  function paintOf(code) {
    const colour = net.colours[picks.colour.value];
    const isNone = ["unknown", "not_measured", "nothing_compared"].includes(colour.values[code]);
    if (code > COLOURS || isNone) return style.unknown;
    return code === COLOURS ? style.other : style.colours[code];
  }

  function sizeOf(point) {
    const root = net.first[familyOf[point]] === point;
    return Math.min(0.5 + 0.04 * Math.log1p(net.downloads[point] || 0), 1) * (root ? 1.5 : 1);
  }

  const drawnSize = (point) => Math.min(Math.max(view.unit * view.scale * sizeOf(point), 4), 44);

  function look() {
    const n = net.number.length;
    const colours = new Array(n);
    const sizes = new Float32Array(n);
    const paints = Array.from({ length: COLOURS + 2 }, (_, code) => paintOf(code));
    for (let point = 0; point < n; point++) {
      const code = classOf(point);
      const strength = kept !== null && kept !== code ? "1c" : chosen >= 0 ? "a0" : "f0";
      colours[point] = inside(point) ? paints[code] + strength : null;
      sizes[point] = sizeOf(point);
    }
    draws.look(colours, sizes);
  }

  function connect() {
    const pairs = [];
    net.parent.forEach((parent, point) => parent >= 0 && pairs.push(point, parent));
    if (merges.checked) pairs.push(...net.others);
    draws.connect(pairs);
  }

  function placesOf(shape) {
    const flat = new Float32Array(2 * shape.x.length);
    for (let point = 0; point < shape.x.length; point++) flat.set([shape.x[point], shape.y[point]], 2 * point);
    return flat;
  }

  // view

  const across = () => box.clientWidth;
  const down = () => box.clientHeight;
  const screen = (point) => [
    (places[2 * point] - view.x) * view.scale + across() / 2,
    down() / 2 - (places[2 * point + 1] - view.y) * view.scale,
  ];

  // The view of the whole layout, or of the family that this page is about.
  const whole = () => around(Array.from(net.number.keys()).filter(inside), LARGEST);

  // The view that shows some points, at most so many pixels between two neighbours.
  function around(points, most) {
    let [left, low, right, high] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const point of points) {
      left = Math.min(left, places[2 * point]);
      right = Math.max(right, places[2 * point]);
      low = Math.min(low, places[2 * point + 1]);
      high = Math.max(high, places[2 * point + 1]);
    }
    const least = 6 * layout.unit;
    const wide = Math.max(right - left, least);
    const tall = Math.max(high - low, least);
    const scale = Math.min((across() - 2 * FRAME) / wide, (down() - 2 * FRAME) / tall, most / layout.unit);
    return { x: (left + right) / 2, y: (low + high) / 2, scale };
  }

  let flying = 0;

  // Calls step with 0 to 1 over some time; at once where motion is not wanted.
  function animate(step, time) {
    cancelAnimationFrame(flying);
    if (still.matches) return step(1);
    const begun = performance.now();
    const next = function (now) {
      const part = Math.min(Math.max((now - begun) / time, 0), 1);
      step(part * part * (3 - 2 * part));
      if (part < 1) flying = requestAnimationFrame(next);
    };
    flying = requestAnimationFrame(next);
  }

  function fly(target) {
    const from = { ...view };
    animate(function (part) {
      view.scale = from.scale * (target.scale / from.scale) ** part;
      // Zooming in is exponential: the middle moves so that the target keeps its way on the screen.
      const gone = Math.abs(target.scale - from.scale) < 1e-9 ? part : (1 - from.scale / view.scale) / (1 - from.scale / target.scale);
      view.x = from.x + (target.x - from.x) * gone;
      view.y = from.y + (target.y - from.y) * gone;
      redraw();
    }, 700);
  }

  function zoom(factor, px = across() / 2, py = down() / 2) {
    const [dx, dy] = [px - across() / 2, down() / 2 - py];
    const least = whole().scale / 2;
    const scale = Math.min(Math.max(view.scale * factor, least), 60 / layout.unit);
    view.x += dx / view.scale - dx / scale;
    view.y += dy / view.scale - dy / scale;
    view.scale = scale;
    redraw();
  }

  function arrange() {
    const before = places;
    layout = net.layouts[picks.layout.value];
    places = placesOf(layout);
    draws.places(before || places, places);
    const target = { ...whole(), unit: layout.unit, moved: 1, faint: FAINT[picks.layout.value](net.number.length) };
    const from = { ...view };
    if (!before) {
      Object.assign(view, target);
      return redraw();
    }
    animate(function (part) {
      for (const key of ["x", "y", "unit"]) view[key] = from[key] + (target[key] - from[key]) * part;
      view.scale = from.scale * (target.scale / from.scale) ** part;
      view.moved = part;
      view.faint = target.faint;
      redraw();
    }, 900);
  }

  function redraw() {
    if (pending) return;
    pending = true;
    requestAnimationFrame(function () {
      pending = false;
      draws.draw(view);
      annotate();
      if (!stage.dataset.drawn) stage.dataset.drawn = String(Math.round(performance.now()));
    });
  }

  function resize() {
    view.pixels = Math.min(devicePixelRatio || 1, 2);
    for (const canvas of [box, over]) {
      canvas.width = Math.round(across() * view.pixels);
      canvas.height = Math.round(down() * view.pixels);
    }
  }

  // what is written and marked over the picture

  function text(label, x, y, align) {
    pen.textAlign = align;
    pen.lineWidth = 4;
    pen.strokeStyle = style.paper;
    pen.strokeText(label, x, y);
    pen.fillText(label, x, y);
  }

  const short = (label) => (label.length > 30 ? label.slice(0, 29) + "…" : label);

  function neighbours(point) {
    const found = new Set([...children[point], ...net.more[point]]);
    for (let up = net.parent[point]; up >= 0; up = net.parent[up]) found.add(up);
    return found;
  }

  function lineTo(from, to) {
    pen.moveTo(...screen(from));
    pen.lineTo(...screen(to));
  }

  function mark(point) {
    pen.strokeStyle = style.ink;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.6;
    pen.beginPath();
    for (const child of children[point]) lineTo(point, child);
    for (const other of net.more[point]) lineTo(point, other);
    for (let at = point; net.parent[at] >= 0; at = net.parent[at]) lineTo(at, net.parent[at]);
    pen.stroke();
    pen.globalAlpha = 1;
    const near = neighbours(point);
    for (const other of [...near, point]) {
      const [x, y] = screen(other);
      const size = Math.max(drawnSize(other), near.size > 200 ? 3 : 6) / 2;
      pen.beginPath();
      pen.arc(x, y, size, 0, 7);
      pen.fillStyle = paintOf(classOf(other));
      pen.fill();
      if (other !== point) continue;
      pen.strokeStyle = style.ink;
      pen.lineWidth = 2.5;
      pen.stroke();
    }
  }

  function annotate() {
    pen.setTransform(view.pixels, 0, 0, view.pixels, 0, 0);
    pen.clearRect(0, 0, across(), down());
    pen.font = style.font;
    pen.textBaseline = "middle";
    pen.fillStyle = style.soft;
    let taken = 0; // up to where the labels below have been written
    for (const [at, label] of layout.x_ticks || []) {
      const x = (at - view.x) * view.scale + across() / 2;
      const half = pen.measureText(short(word("tick", label))).width / 2 + 4;
      if (x - half < taken || x + half > across()) continue;
      text(short(word("tick", label)), x, down() - 12, "center");
      taken = x + half;
    }
    for (const [at, label] of layout.y_ticks || []) {
      const y = down() / 2 - (at - view.y) * view.scale;
      if (y > 8 && y < down() - 24) text(word("tick", label), 6, y, "left");
    }
    if (chosen >= 0) mark(chosen);
    if (hovered >= 0 && hovered !== chosen) mark(hovered);
    pen.fillStyle = style.ink;
    const written = [];
    const write = function (point, y, needed) {
      const label = short(ids(point));
      const [x, top] = screen(point);
      const half = pen.measureText(label).width / 2;
      const middle = Math.min(Math.max(x, half + 4), across() - half - 4);
      const area = [middle - half - 4, top + y - 9, middle + half + 4, top + y + 9];
      if (!needed && written.some((other) => area[0] < other[2] && area[2] > other[0] && area[1] < other[3] && area[3] > other[1])) return;
      if (x < 0 || x > across() || top < 0 || top > down()) return;
      written.push(area);
      text(label, middle, top + y, "center");
    };
    for (const point of [chosen, hovered]) if (point >= 0) write(point, -drawnSize(point) / 2 - 12, true);
    (layout.circles || []).slice(0, 400).forEach(function ([, , radius], at) {
      if (radius * view.scale > 40 && inside(net.first[at])) write(net.first[at], radius * view.scale - 4, false);
    });
  }

  // choosing

  function nearest(px, py, reach) {
    const x = (px - across() / 2) / view.scale + view.x;
    const y = (down() / 2 - py) / view.scale + view.y;
    let best = -1;
    let least = (reach / view.scale) ** 2;
    for (let point = 0; point < net.number.length; point++) {
      const off = (places[2 * point] - x) ** 2 + (places[2 * point + 1] - y) ** 2;
      if (off < least && inside(point)) [best, least] = [point, off];
    }
    return best;
  }

  function choose(point, isFlight) {
    chosen = point;
    look();
    panels.card();
    if (point >= 0 && isFlight) {
      const near = around([point, ...neighbours(point)], 24);
      // The card covers a part of the picture: at the side of a wide one, at the bottom of a narrow one.
      const [aside, below] = across() > 700 ? [170, 0] : [0, down() / 4];
      fly({ x: places[2 * point] + aside / near.scale, y: places[2 * point + 1] - below / near.scale, scale: near.scale });
    }
    redraw();
  }

  // Keeps the points of one colour strong, null for all.
  function keep(code) {
    kept = code;
    panels.legend();
    look();
    panels.table();
    redraw();
  }

  function goTo(id) {
    const point = net.point.get(models.ids.indexOf(id));
    if (point !== undefined) choose(point, true);
  }

  function begin() {
    draws = new Points(box);
    readStyle();
    resize();
    look();
    connect();
    arrange();
    const graph = {
      net, ids, children, familyOf, view, only, stage, box, picks, COLOURS,
      inside, classOf, paintOf, choose, keep, across, down, nearest, zoom, fly, whole, redraw,
      halt: () => cancelAnimationFrame(flying),
      get chosen() { return chosen; },
      get kept() { return kept; },
      get hovered() { return hovered; },
      set hovered(point) { hovered = point; },
    };
    panels = window.modelkin.panels(graph);
    panels.legend();
    panels.table();
    window.modelkin.hands(graph);
    picks.layout.addEventListener("change", arrange);
    picks.colour.addEventListener("change", () => keep(null));
    merges.addEventListener("change", () => (connect(), redraw()));
    for (const [id, act] of [["zoom-in", () => zoom(1.5)], ["zoom-out", () => zoom(1 / 1.5)], ["zoom-all", () => fly(whole())]]) {
      document.getElementById(id).addEventListener("click", act);
    }
    document.addEventListener("chosen", function (event) {
      const found = net.point.get(event.detail.place);
      if (found === undefined || !inside(found)) return; // a model that is not drawn: on to its page
      event.preventDefault();
      choose(found, true);
    });
    dark.addEventListener("change", () => (readStyle(), look(), panels.legend(), redraw()));
    new ResizeObserver(() => (resize(), redraw())).observe(box.parentElement);
    addEventListener("hashchange", () => goTo(asked()));
    if (asked()) goTo(asked());
  }

  Promise.all([load("network"), load("models")])
    .then(([network, all]) => (prepare(network, all), begin()))
    .catch(function (error) {
      document.getElementById("network-problem").hidden = false;
      throw error;
    });
})();
