// What hands do with the picture of the network: keys, mouse, fingers.
(function () {
  "use strict";
  const { address } = window.modelkin;
  const NEAR = 14; // pixels from a point that still mean it

  // graph: the network as read, its view, what is chosen, and how to move, zoom and choose.
  window.modelkin.hands = function (graph) {
    const { net, ids, children, view, box, across, down, inside, nearest, choose, zoom, fly, whole, redraw } = graph;

    function step(key) {
      const parent = net.parent[graph.chosen];
      const siblings = parent >= 0 ? children[parent] : Array.from(net.first);
      const at = siblings.indexOf(graph.chosen);
      const next = { ArrowUp: parent, ArrowDown: children[graph.chosen][0], ArrowLeft: siblings[at - 1], ArrowRight: siblings[at + 1] }[key];
      if (next !== undefined && next >= 0 && inside(next)) choose(next, true);
    }

    function key(event) {
      const arrows = { ArrowUp: [0, 60], ArrowDown: [0, -60], ArrowLeft: [-60, 0], ArrowRight: [60, 0] };
      if (event.key in arrows && graph.chosen >= 0 && !event.shiftKey) step(event.key);
      else if (event.key in arrows) {
        view.x += arrows[event.key][0] / view.scale;
        view.y += arrows[event.key][1] / view.scale;
        redraw();
      } else if (event.key === "+" || event.key === "=") zoom(1.4);
      else if (event.key === "-") zoom(1 / 1.4);
      else if (event.key === "0") fly(whole());
      else if (event.key === "Escape") choose(-1);
      else if (event.key === "Enter") {
        if (graph.chosen >= 0) location.href = address(ids(graph.chosen));
        else choose(nearest(across() / 2, down() / 2, Infinity), true);
      } else return;
      event.preventDefault();
    }

    function point() {
      const held = new Map();
      let moved = 0;
      const at = (event) => [event.clientX - box.getBoundingClientRect().left, event.clientY - box.getBoundingClientRect().top];
      const spread = () => Math.hypot(...[0, 1].map((axis) => [...held.values()].reduce((a, b) => a[axis] - b[axis])));
      box.addEventListener("pointerdown", function (event) {
        graph.halt();
        box.setPointerCapture(event.pointerId);
        held.set(event.pointerId, at(event));
        moved = 0;
      });
      box.addEventListener("pointermove", function (event) {
        const [px, py] = at(event);
        const before = held.get(event.pointerId);
        if (!before) {
          const found = nearest(px, py, NEAR);
          if (found !== graph.hovered) {
            graph.hovered = found;
            box.style.cursor = found >= 0 ? "pointer" : "grab";
            redraw();
          }
          return;
        }
        const wide = held.size === 2 ? spread() : 0;
        held.set(event.pointerId, [px, py]);
        moved += Math.abs(px - before[0]) + Math.abs(py - before[1]);
        view.x -= (px - before[0]) / view.scale / held.size;
        view.y += (py - before[1]) / view.scale / held.size;
        if (wide) zoom(spread() / wide, px, py);
        redraw();
      });
      box.addEventListener("pointerup", function (event) {
        held.delete(event.pointerId);
        if (moved < 5 && event.button === 0) choose(nearest(...at(event), NEAR), false);
      });
      box.addEventListener("pointercancel", (event) => held.delete(event.pointerId));
      box.addEventListener("pointerleave", () => ((graph.hovered = -1), redraw()));
      box.addEventListener("wheel", function (event) {
        if (document.activeElement !== box && !event.ctrlKey) return; // until it is clicked, the page scrolls
        event.preventDefault();
        zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0018)), ...at(event));
      }, { passive: false });
    }

    point();
    box.addEventListener("keydown", key);
  };
})();
