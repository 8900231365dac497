// Draws tens of thousands of points and lines on a canvas. It knows nothing of models.
//
// Points have places on a grid, a colour and a size; lines are pairs of points. A view says what is on the screen: the place
// in the middle, pixels per step of the grid, how far one layout has moved into another. Points are drawn anew for every
// picture. Lines cost more: while they would make the picture stutter, those of the last one move along with it.
(function () {
  "use strict";
  const SLOW = 12; // milliseconds that lines may take in a picture that moves
  const REST = 120; // milliseconds without a new picture, after which slow lines are drawn anew
  // Tens of thousands of small shapes are drawn faster by the processor than handed to a graphics card one by one, and
  // equally fast where there is no card.
  const BY_PROCESSOR = { willReadFrequently: true };
  const LEAST = 2.2; // pixels
  const MOST = 44;

  class Points {
    constructor(canvas) {
      this.canvas = canvas;
      this.context = canvas.getContext("2d", BY_PROCESSOR);
      this.layer = document.createElement("canvas"); // the lines
      this.drawn = null; // the view that they were drawn for
      this.took = 0;
      this.pairs = [];
    }

    // from, to: x and y of each point by turns, in two layouts.
    places(from, to) {
      Object.assign(this, { from, to, drawn: null });
    }

    // colours: of each point, as CSS has them, null for one that is not drawn; sizes: in units of the layout.
    look(colours, sizes) {
      Object.assign(this, { colours, sizes, drawn: null });
      this.groups = grouped((point) => colours[point], colours.keys());
      this.connect(this.pairs);
    }

    // pairs: points by turns. A line has the colour of its first point.
    connect(pairs) {
      this.pairs = pairs;
      this.drawn = null;
      const firsts = Array.from({ length: pairs.length / 2 }, (_, at) => 2 * at);
      this.lines = grouped((end) => this.colours[pairs[end]], firsts);
    }

    draw(view) {
      const { canvas, context } = this;
      const size = [canvas.width / view.pixels, canvas.height / view.pixels];
      const seen = { ...view, size };
      clearTimeout(this.later);
      this.clear(context, seen);
      if (view.faint > 0) this.drawLines(seen);
      const { x, y } = this.projection(seen);
      for (const [colour, points] of this.groups) {
        context.fillStyle = colour;
        for (const point of points) {
          const px = x(point);
          const py = y(point);
          if (px < -MOST || py < -MOST || px > size[0] + MOST || py > size[1] + MOST) continue;
          const wide = Math.min(Math.max(view.unit * view.scale * this.sizes[point], LEAST), MOST);
          if (wide < 4) {
            context.fillRect(px - wide / 2, py - wide / 2, wide, wide);
          } else {
            context.beginPath();
            context.arc(px, py, wide / 2, 0, 7);
            context.fill();
          }
        }
      }
    }

    drawLines(view) {
      const { layer, canvas, context } = this;
      const isAsDrawn = this.drawn && ["x", "y", "scale", "moved", "faint"].every((key) => this.drawn[key] === view[key]);
      if (!isAsDrawn) {
        if (this.took > SLOW) {
          this.later = setTimeout(() => ((this.took = 0), (this.drawn = null), this.draw(view)), REST);
          if (!this.drawn || this.drawn.moved !== view.moved) return;
        } else {
          layer.width = canvas.width;
          layer.height = canvas.height;
          this.strokeLines(layer.getContext("2d", BY_PROCESSOR), view);
          this.drawn = view;
        }
      }
      const grown = view.scale / this.drawn.scale;
      const [wide, high] = view.size;
      const left = (wide / 2) * (1 - grown) + (this.drawn.x - view.x) * view.scale;
      const top = (high / 2) * (1 - grown) - (this.drawn.y - view.y) * view.scale;
      context.drawImage(layer, left, top, this.drawn.size[0] * grown, this.drawn.size[1] * grown);
    }

    strokeLines(context, view) {
      const begun = performance.now();
      const { x, y } = this.projection(view);
      this.clear(context, view);
      context.globalAlpha = view.faint;
      for (const [colour, ends] of this.lines) {
        context.strokeStyle = colour;
        context.beginPath();
        for (const end of ends) {
          const [one, other] = [this.pairs[end], this.pairs[end + 1]];
          context.moveTo(x(one), y(one));
          context.lineTo(x(other), y(other));
        }
        context.stroke();
      }
      this.took = performance.now() - begun;
    }

    clear(context, view) {
      context.setTransform(view.pixels, 0, 0, view.pixels, 0, 0);
      context.globalAlpha = 1;
      context.clearRect(0, 0, ...view.size);
    }

    // The functions that give the pixel of a point.
    projection(view) {
      const { from, to } = this;
      const [wide, high] = view.size;
      const at = (end) => from[end] + (to[end] - from[end]) * view.moved;
      return {
        x: (point) => (at(2 * point) - view.x) * view.scale + wide / 2,
        y: (point) => high / 2 - (at(2 * point + 1) - view.y) * view.scale,
      };
    }
  }

  // What has the same colour is drawn together: to change the colour costs more than a point.
  function grouped(colourOf, items) {
    const groups = new Map();
    for (const item of items) {
      const colour = colourOf(item);
      if (!colour) continue;
      if (!groups.has(colour)) groups.set(colour, []);
      groups.get(colour).push(item);
    }
    return groups;
  }

  window.modelkin.Points = Points;
  window.modelkin.byProcessor = BY_PROCESSOR;
})();
