// A map without tiles: area polygons, marks on them, a grid of degrees. Drag, pinch, Ctrl+wheel, buttons or keys move it.

import { draw, element } from "./dom.js";

const GRID_DEG = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45];
const SCALE = { least: 2, most: 400_000 }; // pixels a degree of latitude
const LEAST_SPAN_DEG = 0.02;
const TAP_PX = 8;

/** Longitude is narrowed by the cosine of the middle latitude, so that shapes look as on the ground. */
export class Chart {
  #svg; #view = null; #home = null; #fingers = new Map(); #moved = 0; #steered = false; #reach = null; #marks = []; #paths = [];
  #grid = draw("g", { class: "grid" });
  #shapes = draw("g", {});
  #points = draw("g", {});
  #hatch = draw("pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse" },
    draw("line", { class: "hatching", x1: 0, x2: 0, y1: 0, y2: 7 }));

  /** `onTap({lon, lat})`: a place was pointed at. `onChoose(code)`: something drawn there that has a code. */
  constructor(svg, { onTap = () => {}, onChoose = () => {}, onMove = () => {} } = {}) {
    this.#svg = svg;
    this.on = { tap: onTap, choose: onChoose, move: onMove };
    svg.setAttribute("tabindex", "0");
    svg.append(draw("defs", {}, this.#hatch), this.#grid, this.#shapes, this.#points);
    svg.after(this.#buttons());
    this.#listen();
    new ResizeObserver(() => (this.#view ? this.#show() : this.fit())).observe(svg);
  }

  /** `areas`: `{code, polygons, shade, title, blind}`, drawn in that order. */
  setAreas(areas) {
    this.#paths = areas;
    this.#drawAreas();
    this.#refit();
  }

  /** `marks`: `{lon, lat, shape: SVG element around 0,0, title, code}`, drawn in that order. */
  setMarks(marks) {
    this.#marks = marks.map((mark) => {
      const group = draw("g", { class: "mark", "data-code": mark.code }, mark.shape);
      if (mark.title) group.prepend(draw("title", {}, mark.title));
      return { ...mark, group };
    });
    this.#points.replaceChildren(...this.#marks.map((one) => one.group));
    this.#refit();
    if (this.#home) this.#place();
  }

  /** Until somebody moved the map, it shows all there is. */
  #refit() {
    const reach = JSON.stringify(sidesOf(this.#everything()));
    if (!this.#steered && reach !== this.#reach) this.fit();
    this.#reach = reach;
  }

  /** Show these places, by default all that is drawn. */
  fit(places = this.#everything()) {
    const { width, height } = this.#size();
    if (!places.length || !width) return;
    const { west, east, south, north } = sidesOf(places);
    const lon = (west + east) / 2, lat = (south + north) / 2;
    const narrow = Math.max(0.05, Math.cos((lat * Math.PI) / 180));
    const scale = Math.min((width - 56) / Math.max((east - west) * narrow, LEAST_SPAN_DEG),
      (height - 56) / Math.max(north - south, LEAST_SPAN_DEG));
    this.#home = { lon, lat, narrow };
    this.#view = { lon, lat, scale };
    this.#drawAreas();
    this.#show();
  }

  /** Bring a place into the middle, no farther out than `scale` pixels a degree. */
  centre({ lon, lat }, scale = 0) {
    this.#steered = true;
    if (!this.#home) return this.fit([[lon, lat]]);
    this.#view = { lon, lat, scale: Math.max(scale, this.#view.scale) };
    this.#show();
  }

  zoom(factor, [x, y] = this.#middle()) {
    if (!this.#view) return;
    this.#steered = true;
    const before = this.#placeAt(x, y);
    this.#view.scale = Math.min(SCALE.most, Math.max(SCALE.least, this.#view.scale * factor));
    const after = this.#placeAt(x, y);
    this.#view.lon += before.lon - after.lon;
    this.#view.lat += before.lat - after.lat;
    this.#show();
  }

  #pan(dx, dy) {
    if (!this.#view) return;
    this.#view.lon -= dx / this.#view.scale / this.#home.narrow;
    this.#view.lat += dy / this.#view.scale;
    this.#show();
  }

  #size() { return this.#svg.getBoundingClientRect(); }
  #middle() { const { width, height } = this.#size(); return [width / 2, height / 2]; }

  #everything() {
    return [...this.#paths.flatMap((one) => one.polygons.flat(2)), ...this.#marks.map((one) => [one.lon, one.lat])];
  }

  #placeAt(x, y) {
    const [midX, midY] = this.#middle(), { lon, lat, scale } = this.#view;
    return { lon: lon + (x - midX) / scale / this.#home.narrow, lat: lat - (y - midY) / scale };
  }

  #pixel(lon, lat) {
    const [midX, midY] = this.#middle(), { scale } = this.#view;
    return [midX + (lon - this.#view.lon) * this.#home.narrow * scale, midY - (lat - this.#view.lat) * scale];
  }

  /** Once for each view of the world: around the home place, so that numbers stay small; moving only transforms. */
  #drawAreas() {
    if (!this.#home) return;
    const point = ([lon, lat]) =>
      `${((lon - this.#home.lon) * this.#home.narrow).toFixed(6)},${(this.#home.lat - lat).toFixed(6)}`;
    const ring = (points) => `M${points.map(point).join("L")}Z`;
    this.#shapes.replaceChildren(...this.#paths.flatMap(({ code, polygons, shade = "", title, blind }) => {
      const d = polygons.map((polygon) => polygon.map(ring).join("")).join("");
      const path = draw("path", { class: `area ${shade}`, d, "data-code": code, "fill-rule": "evenodd" });
      if (title) path.append(draw("title", {}, title));
      return blind ? [path, draw("path", { class: "hatch", d, "fill-rule": "evenodd" })] : [path];
    }));
  }

  #show() {
    const { width, height } = this.#size();
    if (!width || !this.#view) return;
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const { scale } = this.#view, [x, y] = this.#pixel(this.#home.lon, this.#home.lat);
    this.#shapes.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.#hatch.setAttribute("patternTransform", `scale(${1 / scale}) rotate(45)`);
    this.#grid.replaceChildren(...this.#gridLines(width, height));
    this.#place();
    this.on.move(this.#view);
  }

  #place() {
    for (const { group, lon, lat } of this.#marks) group.setAttribute("transform", `translate(${this.#pixel(lon, lat)})`);
  }

  #gridLines(width, height) {
    const step = GRID_DEG.find((one) => one * this.#view.scale > 64) ?? 90;
    const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    const lines = [], [west, east] = [this.#placeAt(0, 0).lon, this.#placeAt(width, 0).lon];
    const [north, south] = [this.#placeAt(0, 0).lat, this.#placeAt(0, height).lat];
    const name = (degrees, [above, below]) => `${Math.abs(degrees).toFixed(digits)}°${degrees < 0 ? below : above}`;
    for (let lon = Math.ceil(west / step) * step; lon < east; lon += step) {
      const [x] = this.#pixel(lon, 0);
      lines.push(draw("line", { x1: x, x2: x, y1: 0, y2: height }), draw("text", { x: x + 4, y: height - 6 }, name(lon, "EW")));
    }
    for (let lat = Math.ceil(south / step) * step; lat < north; lat += step) {
      const [, y] = this.#pixel(0, lat);
      lines.push(draw("line", { x1: 0, x2: width, y1: y, y2: y }));
      if (y < height - 24) lines.push(draw("text", { x: 5, y: y - 4 }, name(lat, "NS")));
    }
    return lines;
  }

  #buttons() {
    const button = (text, label, click) => element("button", { type: "button", "aria-label": label, title: label, click }, text);
    return element("div", { class: "zoom" }, button("+", "Zoom in", () => this.zoom(1.6)),
      button("−", "Zoom out", () => this.zoom(1 / 1.6)), button("⌂", "Show all", () => this.fit()));
  }

  #listen() {
    const svg = this.#svg;
    svg.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#drag(event));
    svg.addEventListener("pointerup", (event) => this.#up(event));
    svg.addEventListener("pointercancel", (event) => this.#fingers.delete(event.pointerId));
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 300), [event.offsetX, event.offsetY]);
    }, { passive: false });
    svg.addEventListener("keydown", (event) => this.#key(event));
  }

  #down(event) {
    if (!this.#fingers.size) this.#moved = 0;
    this.#steered = true;
    this.#fingers.set(event.pointerId, [event.clientX, event.clientY]);
  }

  #drag(event) {
    const was = this.#fingers.get(event.pointerId);
    if (!was || !this.#view) return;
    const now = [event.clientX, event.clientY], { left, top } = this.#size();
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.#moved += Math.hypot(now[0] - was[0], now[1] - was[1]);
    if (this.#moved < TAP_PX && !other) return;
    this.#svg.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, now);
    if (other) this.zoom(apart(now, other) / Math.max(1, apart(was, other)), [(now[0] + other[0]) / 2 - left, (now[1] + other[1]) / 2 - top]);
    else this.#pan(now[0] - was[0], now[1] - was[1]);
  }

  #up(event) {
    const tapped = this.#fingers.delete(event.pointerId) && !this.#fingers.size && this.#moved < TAP_PX;
    if (!tapped || !this.#view) return;
    const { left, top } = this.#size(), code = event.target.closest("[data-code]")?.dataset.code;
    if (code) this.on.choose(code);
    this.on.tap(this.#placeAt(event.clientX - left, event.clientY - top));
  }

  #key(event) {
    const { width, height } = this.#size();
    const acts = {
      ArrowLeft: () => this.#pan(width / 8, 0), ArrowRight: () => this.#pan(-width / 8, 0),
      ArrowUp: () => this.#pan(0, height / 8), ArrowDown: () => this.#pan(0, -height / 8),
      "+": () => this.zoom(1.6), "-": () => this.zoom(1 / 1.6), 0: () => this.fit(),
      Enter: () => this.#view && this.on.tap({ lon: this.#view.lon, lat: this.#view.lat }),
    };
    if (!acts[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.#steered = true;
    acts[event.key]();
  }
}

const apart = ([x, y], [otherX, otherY]) => Math.hypot(x - otherX, y - otherY);

function sidesOf(places) {
  const sides = { west: Infinity, east: -Infinity, south: Infinity, north: -Infinity };
  for (const [lon, lat] of places) {
    sides.west = Math.min(sides.west, lon); sides.east = Math.max(sides.east, lon);
    sides.south = Math.min(sides.south, lat); sides.north = Math.max(sides.north, lat);
  }
  return sides;
}
