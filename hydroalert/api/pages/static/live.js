// What is warned of, as it changes: the public stream, drawn. No library, nothing from elsewhere.
// What is old must not look live: without a heartbeat that says "ok", the page says so and fades.

import { Chart } from "./chart.js";
import { byId, clock, draw, element } from "./dom.js";
import { loadLayers } from "./layers.js";
import { loadAreas, loadPoints } from "./places.js";

const RANKS = { minor: 1, moderate: 2, severe: 3, extreme: 4 };
const SILENT_MS = 40_000;
const LOOK_MS = 1_000;
const RETRY_MS = 5_000;
const LAYERS_MS = 60_000;
const LAYERS_SOON_MS = 1_000;

const chart = new Chart(byId("map"), { onChoose: (code) => choose(code, true) });
const areas = new Map();
const shapes = new Map();
let stations = [];
let layers = { marks: [], sentences: [] };
let standing = { state: "connecting", reason: null };
let heardAt = Date.now();
let okUntil = 0;
let drawing = false;

const rankOf = (area) => RANKS[area?.severity] ?? 0;
const shadeOf = (area) => (area?.state === "active" ? area.severity : "calm");
const stateText = (area) => `${area.state === "active" ? area.severity : "no warning"}${area.blind ? ", blind" : ""}`;

async function loadPlaces() {
  for (const one of await loadAreas()) shapes.set(one.code, one);
  stations = await loadPoints("/api/v1/stations");
  soon();
}

async function refreshLayers() {
  layers = await loadLayers();
  byId("layers").replaceChildren(...layers.sentences.map((one) => element("p", {}, one)));
  soon();
}

/** Many events, one look. */
let layersDue = 0;
function layersSoon() {
  clearTimeout(layersDue);
  layersDue = setTimeout(refreshLayers, LAYERS_SOON_MS);
}

/** A blind area is hatched whatever its colour: nobody knows. So is one that nothing was said of. */
function drawMap() {
  const order = [...shapes.values()].sort((one, other) => rankOf(areas.get(one.code)) - rankOf(areas.get(other.code)));
  chart.setAreas(order.map((shape) => {
    const area = areas.get(shape.code);
    return { ...shape, shade: shadeOf(area), title: area ? `${area.name}: ${stateText(area)}` : shape.name, blind: !area || area.blind };
  }));
  const gauges = stations.map((one) => ({ ...one, title: one.name, shape: draw("circle", { class: "gauge", r: 3 }) }));
  chart.setMarks([...gauges, ...layers.marks]);
}

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
  const source = new EventSource("/api/v1/stream?kind=alert,report,shelter");
  const on = (name, act) => source.addEventListener(name, (event) => {
    heardAt = Date.now();
    act(JSON.parse(event.data));
  });
  on("alert", learn);
  on("report", layersSoon);
  on("shelter", layersSoon);
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

setInterval(showStanding, LOOK_MS);
setInterval(refreshLayers, LAYERS_MS);
lookForPlaces();
refreshLayers();
follow();
