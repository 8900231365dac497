// What a chart says of a mark, on hover, touch and by arrow keys; and the chart as a PNG, with the reader's fonts.
"use strict";

const SCALE = 2; // pixels of a PNG for each pixel seen
const PAINT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-linejoin", "paint-order", "vector-effect"];
const LETTERS = ["font-family", "font-size", "font-weight"];
const SVG = "http://www.w3.org/2000/svg";

const tip = document.createElement("p");
tip.className = "tip";
tip.setAttribute("role", "status");
tip.hidden = true;
document.body.append(tip);
let lit = null;

function show(mark, words) {
  hide();
  lit = mark;
  mark.classList.add("lit");
  tip.textContent = words;
  tip.hidden = false;
  const box = mark.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const left = Math.min(Math.max(box.left + box.width / 2 - own.width / 2, 8), room - own.width - 8);
  const above = box.top - own.height - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above >= 4 ? above : box.bottom + 8}px`;
}

function hide() {
  tip.hidden = true;
  if (lit) lit.classList.remove("lit");
  lit = null;
}

function hydrate(drawing) {
  const words = new Map();
  drawing.querySelectorAll("title").forEach((title) => {
    words.set(title.parentElement, title.textContent);
    title.remove(); // else the browser shows it a second time
  });
  if (!words.size) return;
  const marks = [...words.keys()].sort((a, b) => {
    const [first, second] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
    return first.left - second.left || first.top - second.top;
  });
  let at = -1;
  drawing.tabIndex = 0;
  drawing.setAttribute("role", "group");
  drawing.setAttribute("aria-label", `${drawing.getAttribute("aria-label")} ${document.body.dataset.keys}`);
  drawing.addEventListener("pointerover", (event) => {
    if (words.has(event.target)) show(event.target, words.get(event.target));
    else hide();
  });
  drawing.addEventListener("pointerleave", hide);
  drawing.addEventListener("blur", hide);
  drawing.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: marks.length - 1 };
    if (event.key === "Escape") hide();
    if (!(event.key in steps)) return;
    event.preventDefault();
    at = Math.min(Math.max(steps[event.key], 0), marks.length - 1);
    show(marks[at], words.get(marks[at]));
  });
}

// Positions of marks are asked for when a chart comes near, not all at once.
const near = new IntersectionObserver((entries) =>
  entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
    near.unobserve(entry.target);
    hydrate(entry.target);
  }),
);
document.querySelectorAll(".drawing").forEach((drawing) => near.observe(drawing));
window.addEventListener("scroll", hide, { passive: true });

function painted(drawing) {
  const seen = new Map();
  const copy = drawing.cloneNode(true);
  const originals = [...drawing.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((part, place) => {
    const original = originals[place];
    const key = `${original.tagName} ${original.getAttribute("class")} ${original.parentElement.tagName}`;
    if (!seen.has(key)) {
      const style = getComputedStyle(original);
      const names = original.tagName === "text" ? [...PAINT, ...LETTERS] : PAINT;
      seen.set(key, names.map((name) => [name, style.getPropertyValue(name)]));
    }
    seen.get(key).forEach(([name, value]) => part.setAttribute(name, value));
  });
  return copy;
}

function lines(text, pixels, font) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const written = [""];
  (text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+/g) || []).forEach((word) => {
    const last = written.length - 1;
    if (!written[last] || pen.measureText(written[last] + word).width <= pixels) written[last] += word;
    else if (word.trim()) written.push(word);
  });
  return written;
}

function picture(figure) {
  const panels = figure.querySelector(".panels");
  const frame = panels.getBoundingClientRect();
  const style = getComputedStyle(document.body);
  const whole = document.createElementNS(SVG, "svg");
  const write = (text, x, y, size, weight) => {
    const line = document.createElementNS(SVG, "text");
    line.textContent = text;
    const looks = { x, y, fill: style.color, "font-family": style.fontFamily, "font-size": size, "font-weight": weight };
    Object.entries(looks).forEach(([name, value]) => line.setAttribute(name, value));
    whole.append(line);
  };
  const edge = 16;
  const title = figure.querySelector("figcaption").firstElementChild.textContent.trim();
  const head = lines(title, frame.width, `650 18px ${style.fontFamily}`);
  head.forEach((line, place) => write(line, edge, edge + 18 + place * 24, 18, 650));
  const top = edge + head.length * 24 + 8;
  figure.querySelectorAll(".of-panel").forEach((name) => {
    const box = name.getBoundingClientRect();
    write(name.textContent.trim(), edge + box.left - frame.left, top + box.top - frame.top + 14, 14, 600);
  });
  figure.querySelectorAll(".drawing").forEach((drawing) => {
    const box = drawing.getBoundingClientRect();
    const copy = painted(drawing);
    const place = { x: edge + box.left - frame.left, y: top + box.top - frame.top, width: box.width, height: box.height };
    Object.entries(place).forEach(([name, value]) => copy.setAttribute(name, value));
    whole.append(copy);
  });
  const size = { width: Math.ceil(frame.width + 2 * edge), height: Math.ceil(top + frame.height + edge) };
  Object.entries(size).forEach(([name, value]) => whole.setAttribute(name, value));
  return { source: new XMLSerializer().serializeToString(whole), paper: style.backgroundColor, title, ...size };
}

async function savePng(figure) {
  const drawn = picture(figure);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawn.source)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width * SCALE;
  canvas.height = drawn.height * SCALE;
  const pen = canvas.getContext("2d");
  pen.fillStyle = drawn.paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((file) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${figure.id.replace(/^figure-/, "")}.${document.documentElement.lang}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  }, "image/png");
}

document.querySelectorAll(".figure [data-png]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => savePng(button.closest(".figure")));
});
