// What is warned of, as it changes: the public stream, drawn. No library, nothing from elsewhere.
// What is old must not look live: without a heartbeat that says "ok", the page says so and fades.

const SVG = "http://www.w3.org/2000/svg";
const RANKS = { minor: 1, moderate: 2, severe: 3, extreme: 4 };
const SILENT_MS = 40_000;
const LOOK_MS = 1_000;
const RETRY_MS = 5_000;
const MAX_PAGES = 20;

const byId = (id) => document.getElementById(id);
const areas = new Map();
const shapes = new Map();
const stations = new Map();
let standing = { state: "connecting", reason: null };
let heardAt = Date.now();
let okUntil = 0;
let drawing = false;

function element(name, attributes = {}, ...children) {
  const made = attributes.svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (key !== "svg") made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const draw = (name, attributes, ...children) => element(name, { svg: true, ...attributes }, ...children);
const clock = (moment) => new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const rankOf = (area) => RANKS[area.severity] ?? 0;
const shadeOf = (area) => (area?.state === "active" ? area.severity : "calm");

/** All features of a GeoJSON list, page by page. */
async function* features(path, more = "") {
  let cursor = "";
  for (let page = 0; page < MAX_PAGES && cursor !== null; page += 1) {
    const answer = await fetch(`${path}?format=geojson&limit=200${more}${cursor && `&cursor=${cursor}`}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    const found = await answer.json();
    yield* found.features;
    cursor = found.next;
  }
}

const polygonsOf = ({ type, coordinates }) => (type === "Polygon" ? [coordinates] : coordinates);

async function loadPlaces() {
  for await (const one of features("/api/v1/areas", "&tolerance_m=100")) if (one.geometry) shapes.set(one.id, polygonsOf(one.geometry));
  for await (const one of features("/api/v1/stations")) stations.set(one.id, one);
  soon();
}

/** Longitude narrowed by the cosine of the middle latitude, so that shapes look as on the ground. */
function projection(width, height) {
  const points = [...shapes.values()].flatMap((polygons) => polygons.flat(2));
  points.push(...[...stations.values()].map((one) => one.geometry.coordinates));
  if (!points.length) return null;
  const sides = { west: 180, south: 90, east: -180, north: -90 };
  for (const [lon, lat] of points) {
    sides.west = Math.min(sides.west, lon); sides.east = Math.max(sides.east, lon);
    sides.south = Math.min(sides.south, lat); sides.north = Math.max(sides.north, lat);
  }
  const middle = [(sides.west + sides.east) / 2, (sides.south + sides.north) / 2];
  const narrow = Math.max(0.05, Math.cos((middle[1] * Math.PI) / 180));
  const wide = Math.max((sides.east - sides.west) * narrow, 0.02), tall = Math.max(sides.north - sides.south, 0.02);
  const scale = Math.min((width - 32) / wide, (height - 32) / tall);
  return ([lon, lat]) => [width / 2 + (lon - middle[0]) * narrow * scale, height / 2 - (lat - middle[1]) * scale];
}

function pathOf(polygons, place) {
  const ring = (points) => `M${points.map((point) => place(point).map((one) => one.toFixed(1)).join(",")).join("L")}Z`;
  return polygons.map((polygon) => polygon.map(ring).join("")).join("");
}

function drawMap() {
  const map = byId("map");
  const { width, height } = map.getBoundingClientRect();
  const place = width ? projection(width, height) : null;
  if (!place) return map.replaceChildren();
  map.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const order = [...shapes.keys()].sort((one, other) => rankOf(areas.get(one) ?? {}) - rankOf(areas.get(other) ?? {}));
  map.replaceChildren(hatching(), ...order.flatMap((code) => drawArea(code, pathOf(shapes.get(code), place))),
    ...[...stations.values()].map((one) => drawGauge(one, place(one.geometry.coordinates))));
}

function hatching() {
  const pattern = draw("pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(draw("line", { class: "hatching", x1: 0, x2: 0, y1: 0, y2: 7 }));
  return draw("defs", {}, pattern);
}

/** A blind area is hatched whatever its colour: nobody knows. So is one that nothing was said of. */
function drawArea(code, d) {
  const area = areas.get(code);
  const path = draw("path", { class: `area ${shadeOf(area)}`, d, "data-code": code, "fill-rule": "evenodd" });
  path.append(draw("title", {}, area ? `${area.name}: ${stateText(area)}` : code));
  path.addEventListener("click", () => choose(code, true));
  return area && !area.blind ? [path] : [path, draw("path", { class: "hatch", d, "fill-rule": "evenodd" })];
}

function drawGauge(station, [cx, cy]) {
  return draw("circle", { class: "gauge", cx, cy, r: 3 }, draw("title", {}, station.properties.name));
}

const stateText = (area) => `${area.state === "active" ? area.severity : "no warning"}${area.blind ? ", blind" : ""}`;

function item(area) {
  const shown = element("li", { class: shadeOf(area), "data-code": area.area });
  const title = element("h2", {}, area.name, element("span", { class: "badge" }, area.state === "active" ? area.severity : "no warning"));
  if (area.blind) title.append(element("span", { class: "badge unseen" }, `blind${area.blind_since ? ` since ${clock(area.blind_since)}` : ""}`));
  shown.append(title);
  if (area.state === "active" || area.blind) shown.append(element("p", { class: "said" }, area.headline));
  if (area.state === "active" && area.instruction) shown.append(element("p", {}, area.instruction));
  for (const cause of area.alerts.flatMap((one) => one.causes).slice(0, 3)) shown.append(element("p", {}, causeText(cause)));
  shown.addEventListener("pointerenter", () => choose(area.area, false));
  return shown;
}

const causeText = (cause) =>
  `${cause.station} ${cause.datastream} ${cause.result} ${cause.unit} at ${clock(cause.time)} (threshold ${cause.threshold} ${cause.unit})`;

function choose(code, scroll) {
  for (const one of document.querySelectorAll(".chosen")) one.classList.remove("chosen");
  for (const one of document.querySelectorAll(`[data-code="${code}"]`)) one.classList.add("chosen");
  if (scroll) document.querySelector(`li[data-code="${code}"]`)?.scrollIntoView({ behavior: "smooth", block: "center" });
}

function drawAll() {
  drawing = false;
  const order = [...areas.values()].sort(
    (one, other) => rankOf(other) - rankOf(one) || other.blind - one.blind || one.name.localeCompare(other.name));
  byId("alerts").replaceChildren(...order.map(item));
  byId("empty").hidden = order.length > 0 || shapes.size > 0;
  const active = order.filter((one) => one.state === "active").length, blind = order.filter((one) => one.blind).length;
  byId("summary").textContent = `${active} of ${order.length} areas are warned; ${blind} are blind.`;
  drawMap();
}

/** Many events make one picture. */
function soon() {
  if (!drawing) requestAnimationFrame(drawAll);
  drawing = true;
}

function showStanding() {
  const now = Date.now();
  const silent = now - heardAt > SILENT_MS;
  const trusted = standing.state === "ok" && !silent && now < okUntil;
  const pill = byId("standing");
  pill.textContent = trusted ? "live" : silent || standing.state === "disconnected" ? `disconnected since ${clock(heardAt)}` : standing.state;
  pill.className = `pill ${trusted ? "good" : "bad"}`;
  const doubt = byId("doubt");
  doubt.hidden = trusted;
  doubt.textContent = standing.reason && !silent ? `Do not rely on this page: ${standing.reason}.`
    : `Nothing was heard since ${clock(heardAt)}: what is shown is from then.`;
  document.body.classList.toggle("doubted", !trusted);
}

function follow() {
  const source = new EventSource("/api/v1/stream?kind=alert");
  const on = (name, act) => source.addEventListener(name, (event) => {
    heardAt = Date.now();
    act(JSON.parse(event.data));
  });
  on("alert", learn);
  on("resync", () => areas.clear());
  on("heartbeat", (said) => {
    standing = said;
    if (said.state === "ok") okUntil = Date.now() + (Date.parse(said.valid_until) - Date.parse(said.at));
    showStanding();
  });
  source.addEventListener("error", () => {
    standing = { state: "disconnected", reason: null };
    showStanding();
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, RETRY_MS);
  });
}

/** An older revision that comes late is left aside, unless it was made later (another database). */
function learn(area) {
  const known = areas.get(area.area);
  if (known && area.revision < known.revision && area.updated_at <= known.updated_at) return;
  areas.set(area.area, area);
  if (!shapes.has(area.area)) lookForPlaces();
  soon();
}

/** Once for however many areas are new. */
let looking = null;
function lookForPlaces() {
  looking ??= loadPlaces().catch(console.warn).then(() => setTimeout(() => { looking = null; }, RETRY_MS));
}

addEventListener("resize", soon);
setInterval(showStanding, LOOK_MS);
lookForPlaces();
follow();
