// Draws points and lines with WebGL, or on a plain canvas where there is none. It knows nothing of models.
//
// A picture is given as places on a grid (x, y), one colour and one size a point, and lines as pairs of points. What is on
// the screen is told by a view: the place in the middle, and pixels per step of the grid.
(function () {
  "use strict";

  // Both places of a point are given, so that one layout can move into another.
  const SHADER = `
    attribute vec2 from, to;
    attribute vec4 colour;
    attribute float size;
    uniform vec2 middle, half_screen;
    uniform float scale, moved, pixels, unit;
    varying vec4 tint;
    void main() {
      vec2 at = (mix(from, to, moved) - middle) * scale / half_screen;
      gl_Position = vec4(at, 0.0, 1.0);
      gl_PointSize = clamp(unit * scale * size, 2.2, 44.0) * pixels;
      tint = colour;
    }`;
  const ROUND = `
    precision mediump float;
    varying vec4 tint;
    void main() {
      float off = length(gl_PointCoord - 0.5);
      float inside = 1.0 - smoothstep(0.42, 0.5, off);
      if (inside <= 0.0) discard;
      gl_FragColor = vec4(tint.rgb, 1.0) * tint.a * inside;
    }`;
  const FLAT = `
    precision mediump float;
    uniform float faint;
    varying vec4 tint;
    void main() { gl_FragColor = vec4(tint.rgb, 1.0) * tint.a * faint; }`;

  function program(gl, fragment) {
    const made = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, SHADER],
      [gl.FRAGMENT_SHADER, fragment],
    ]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
    }
    ["from", "to", "colour", "size"].forEach((name, at) => gl.bindAttribLocation(made, at, name));
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    const uniforms = {};
    for (const name of ["middle", "half_screen", "scale", "moved", "pixels", "unit", "faint"]) {
      uniforms[name] = gl.getUniformLocation(made, name);
    }
    return { made, uniforms };
  }

  class WithWebGL {
    constructor(canvas, gl) {
      Object.assign(this, { canvas, gl });
      this.points = program(gl, ROUND);
      this.lines = program(gl, FLAT);
      this.buffers = {};
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      for (let at = 0; at < 3; at++) gl.enableVertexAttribArray(at);
    }

    put(name, array, kind) {
      const { gl } = this;
      this.buffers[name] = this.buffers[name] || gl.createBuffer();
      gl.bindBuffer(kind || gl.ARRAY_BUFFER, this.buffers[name]);
      gl.bufferData(kind || gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
    }

    // from, to: Float32Array of x, y by turns.
    places(from, to) {
      this.put("from", from);
      this.put("to", to);
    }

    // colours: Uint8Array of red, green, blue, alpha by turns; sizes: Float32Array, in units of the layout.
    look(colours, sizes) {
      this.put("colour", colours);
      this.put("size", sizes);
      this.n = sizes.length;
    }

    // pairs: Uint32Array of points by turns.
    connect(pairs) {
      this.put("pairs", pairs, this.gl.ELEMENT_ARRAY_BUFFER);
      this.n_ends = pairs.length;
    }

    draw(view) {
      const { gl, canvas, buffers } = this;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      for (const [at, name, size, kind, whole] of [
        [0, "from", 2, gl.FLOAT, false],
        [1, "to", 2, gl.FLOAT, false],
        [2, "colour", 4, gl.UNSIGNED_BYTE, true],
        [3, "size", 1, gl.FLOAT, false],
      ]) {
        gl.enableVertexAttribArray(at);
        gl.bindBuffer(gl.ARRAY_BUFFER, buffers[name]);
        gl.vertexAttribPointer(at, size, kind, whole, 0, 0);
      }
      if (view.faint > 0 && this.n_ends) {
        this.use(this.lines, view);
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffers.pairs);
        gl.drawElements(gl.LINES, this.n_ends, gl.UNSIGNED_INT, 0);
      }
      this.use(this.points, view);
      gl.drawArrays(gl.POINTS, 0, this.n);
    }

    use({ made, uniforms }, view) {
      const { gl, canvas } = this;
      gl.useProgram(made);
      gl.uniform2f(uniforms.middle, view.x, view.y);
      gl.uniform2f(uniforms.half_screen, canvas.width / view.pixels / 2, canvas.height / view.pixels / 2);
      for (const name of ["scale", "moved", "pixels", "unit", "faint"]) gl.uniform1f(uniforms[name], view[name]);
    }
  }

  class Plain {
    constructor(canvas) {
      this.canvas = canvas;
      this.context = canvas.getContext("2d");
      this.pairs = [];
    }

    places(from, to) {
      Object.assign(this, { from, to });
    }

    look(colours, sizes) {
      Object.assign(this, { colours, sizes });
    }

    connect(pairs) {
      this.pairs = pairs;
    }

    draw(view) {
      const { canvas, context, from, to, colours } = this;
      const across = canvas.width / view.pixels;
      const down = canvas.height / view.pixels;
      const at = (end) => (from[end] + (to[end] - from[end]) * view.moved);
      const x = (point) => (at(2 * point) - view.x) * view.scale + across / 2;
      const y = (point) => down / 2 - (at(2 * point + 1) - view.y) * view.scale;
      context.setTransform(view.pixels, 0, 0, view.pixels, 0, 0);
      context.clearRect(0, 0, across, down);
      if (view.faint > 0) {
        context.globalAlpha = view.faint * 0.5;
        context.strokeStyle = view.line;
        context.beginPath();
        for (let end = 0; end < this.pairs.length; end += 2) {
          context.moveTo(x(this.pairs[end]), y(this.pairs[end]));
          context.lineTo(x(this.pairs[end + 1]), y(this.pairs[end + 1]));
        }
        context.stroke();
      }
      for (let point = 0; point < this.sizes.length; point++) {
        const [px, py] = [x(point), y(point)];
        if (px < -20 || py < -20 || px > across + 20 || py > down + 20) continue;
        const size = Math.min(Math.max(view.unit * view.scale * this.sizes[point], 2.2), 44);
        const [red, green, blue, alpha] = colours.subarray(4 * point, 4 * point + 4);
        context.globalAlpha = alpha / 255;
        context.fillStyle = `rgb(${red},${green},${blue})`;
        context.fillRect(px - size / 2, py - size / 2, size, size);
      }
    }
  }

  // Returns what draws on the canvas: both kinds have places, look, connect and draw.
  window.modelkin.picture = function (canvas) {
    // Tried on a canvas of its own first: one that has WebGL can have nothing else.
    const tried = document.createElement("canvas").getContext("webgl");
    if (!tried || !tried.getExtension("OES_element_index_uint")) return new Plain(canvas);
    const gl = canvas.getContext("webgl", { antialias: true });
    gl.getExtension("OES_element_index_uint");
    return new WithWebGL(canvas, gl);
  };
})();
