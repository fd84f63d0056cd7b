// The start page: reads the public API as anyone would, and draws what it finds. No library, nothing from elsewhere.

const SVG = "http://www.w3.org/2000/svg";
const REFRESH_MS = 10_000;
const PAGE = 500;
const MAX_STATIONS = 2000;
const SPAN_MS = 48 * 3_600_000;
const RESOLUTION_S = 1800;

const byId = (id) => document.getElementById(id);
const rows = new Map();
const drawn = new Map();
let stations = [];

const sight = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) drawSpark(target.dataset.code);
}, { rootMargin: "200px" });

function element(name, attributes = {}, ...children) {
  const made = attributes.svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (key !== "svg") made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const draw = (name, attributes, ...children) => element(name, { svg: true, ...attributes }, ...children);

async function fetchJson(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

async function loadStations() {
  const found = [];
  let cursor = "";
  do {
    const page = await fetchJson(`/api/v1/stations?limit=${PAGE}${cursor && `&cursor=${cursor}`}`);
    found.push(...page.stations);
    cursor = page.next;
  } while (cursor && found.length < MAX_STATIONS);
  return found;
}

/** The datastream to show first: the level, or whatever was heard last. */
function mainDatastream(station) {
  const heard = station.datastreams.filter((one) => one.latest);
  return heard.find((one) => one.code.startsWith("level")) ?? heard[0] ?? station.datastreams[0];
}

const stateOf = (latest) => (latest ? (latest.live ? "live" : "late") : "mute");

function ageText(latest) {
  if (!latest) return "–";
  const s = Math.max(0, latest.age_s);
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return latest.time.slice(0, 10);
}

function makeRow(station) {
  const row = element("tr", { "data-code": station.code });
  row.name = element("a", { href: `/api/v1/stations/${station.code}` });
  row.river = element("span", { class: "river" });
  row.result = element("td", { class: "number" });
  row.spark = draw("svg", { class: "spark", viewBox: "0 0 200 34", preserveAspectRatio: "none" });
  row.age = element("td", { class: "number age" });
  row.append(element("td", {}, row.name, row.river), row.result, element("td", { class: "wide" }, row.spark), row.age);
  row.addEventListener("pointerenter", () => choose(station.code));
  rows.set(station.code, row);
  sight.observe(row);
  return row;
}

function fillRow(station) {
  const row = rows.get(station.code) ?? makeRow(station);
  const datastream = mainDatastream(station);
  const latest = datastream?.latest;
  row.name.textContent = station.name;
  row.river.textContent = station.river ?? "";
  row.result.replaceChildren(
    element("span", { class: "result" }, latest ? latest.result.toFixed(2) : "–"), " ",
    element("span", { class: "unit" }, datastream?.unit ?? ""),
  );
  row.age.textContent = ageText(latest);
  row.age.className = `number age ${stateOf(latest)}`;
  return row;
}

async function drawSpark(code) {
  const station = stations.find((one) => one.code === code);
  const datastream = station && mainDatastream(station);
  const latest = datastream?.latest;
  if (!latest || drawn.get(code) === latest.time) return;
  drawn.set(code, latest.time);
  const from = new Date(Date.parse(latest.time) - SPAN_MS).toISOString();
  const path = `/api/v1/stations/${code}/datastreams/${datastream.code}/observations`;
  const page = await fetchJson(`${path}?from=${from}&resolution=${RESOLUTION_S}&limit=400`);
  trace(rows.get(code).spark, page.observations, datastream.unit);
}

/** Lowest and highest of each half hour, so that a crest of one reading is a crest of the line. */
function trace(svg, observations, unit) {
  const results = observations.map((one) => one.result);
  const low = Math.min(...results), high = Math.max(...results), span = high - low || 1;
  const start = Date.parse(observations[0].time), end = Date.parse(observations.at(-1).time);
  const x = (one) => (end > start ? ((Date.parse(one.time) - start) / (end - start)) * 196 + 2 : 100);
  const y = (result) => 30 - ((result - low) / span) * 26;
  const line = observations.map((one) => `${x(one).toFixed(1)},${y(one.result).toFixed(1)}`).join(" L");
  svg.replaceChildren(
    draw("title", {}, `${low.toFixed(2)} to ${high.toFixed(2)} ${unit}`),
    draw("path", { class: "area", d: `M${line} L${x(observations.at(-1)).toFixed(1)},34 L${x(observations[0]).toFixed(1)},34 Z` }),
    draw("path", { class: "trace", d: `M${line}` }),
  );
}

/** Plain longitude and latitude, narrowed by the cosine of the middle latitude; the grid says where it is. */
function drawMap() {
  const map = byId("map");
  const { width, height } = map.getBoundingClientRect();
  if (!stations.length || !width) return map.replaceChildren();
  const lats = stations.map((one) => one.position.lat), lons = stations.map((one) => one.position.lon);
  const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lon: (Math.min(...lons) + Math.max(...lons)) / 2 };
  const narrow = Math.max(0.05, Math.cos((middle.lat * Math.PI) / 180));
  const wide = Math.max((Math.max(...lons) - Math.min(...lons)) * narrow, 0.05);
  const tall = Math.max(Math.max(...lats) - Math.min(...lats), 0.05);
  const scale = Math.min((width - 56) / wide, (height - 56) / tall);
  const place = ({ lon, lat }) => [width / 2 + (lon - middle.lon) * narrow * scale, height / 2 - (lat - middle.lat) * scale];
  map.setAttribute("viewBox", `0 0 ${width} ${height}`);
  map.replaceChildren(...gridLines(middle, scale, narrow, width, height), ...stations.map((one) => placeMark(one, place(one.position))));
}

function gridLines(middle, scale, narrow, width, height) {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45].find((one) => one * scale > 60) ?? 90;
  const digits = step < 0.1 ? 2 : step < 1 ? 1 : 0;
  const lines = [];
  const first = (centre, reach) => Math.ceil((centre - reach) / step) * step;
  for (let lon = first(middle.lon, width / 2 / scale / narrow); lon < middle.lon + width / 2 / scale / narrow; lon += step) {
    const x = width / 2 + (lon - middle.lon) * narrow * scale;
    lines.push(draw("line", { class: "grid", x1: x, x2: x, y1: 0, y2: height }));
    lines.push(draw("text", { class: "degree", x: x + 4, y: height - 6 }, `${Math.abs(lon).toFixed(digits)}°${lon < 0 ? "W" : "E"}`));
  }
  for (let lat = first(middle.lat, height / 2 / scale); lat < middle.lat + height / 2 / scale; lat += step) {
    const y = height / 2 - (lat - middle.lat) * scale;
    lines.push(draw("line", { class: "grid", x1: 0, x2: width, y1: y, y2: y }));
    lines.push(draw("text", { class: "degree", x: 5, y: y - 4 }, `${Math.abs(lat).toFixed(digits)}°${lat < 0 ? "S" : "N"}`));
  }
  return lines;
}

function placeMark(station, [x, y]) {
  const mark = draw("circle", { class: `place ${stateOf(mainDatastream(station)?.latest)}`, cx: x, cy: y, r: 6, "data-code": station.code });
  mark.append(draw("title", {}, station.name));
  mark.addEventListener("click", () => {
    choose(station.code);
    rows.get(station.code)?.scrollIntoView({ behavior: "smooth", block: "center" });
  });
  return mark;
}

function choose(code) {
  for (const one of document.querySelectorAll(".chosen")) one.classList.remove("chosen");
  for (const one of document.querySelectorAll(`[data-code="${code}"]`)) one.classList.add("chosen");
}

function filterRows() {
  const wanted = byId("search").value.trim().toLowerCase();
  let shown = 0;
  for (const station of stations) {
    const hit = `${station.name} ${station.river ?? ""} ${station.code}`.toLowerCase().includes(wanted);
    rows.get(station.code).hidden = !hit;
    shown += hit;
  }
  byId("count").textContent = `${shown} of ${stations.length}`;
}

async function showHealth() {
  const pill = byId("health");
  try {
    const answer = await fetch("/health/ready");
    const { ready, reasons } = await answer.json();
    pill.textContent = ready ? "ready" : "not ready";
    pill.className = `pill ${ready ? "good" : "bad"}`;
    pill.title = (reasons ?? []).join("\n");
  } catch {
    pill.textContent = "no answer";
    pill.className = "pill bad";
  }
}

function sparksInSight() {
  for (const row of rows.values()) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > -200 && top < innerHeight + 200 && !row.hidden) drawSpark(row.dataset.code).catch(() => drawn.delete(row.dataset.code));
  }
}

async function refresh() {
  try {
    stations = await loadStations();
    byId("stations").replaceChildren(...stations.map(fillRow));
    byId("empty").hidden = stations.length > 0;
    filterRows();
    drawMap();
    sparksInSight();
  } catch (error) {
    console.warn(error);
  }
  await showHealth();
}

byId("search").addEventListener("input", filterRows);
addEventListener("resize", drawMap);
for (;;) {
  await refresh();
  await new Promise((resume) => setTimeout(resume, REFRESH_MS));
}
