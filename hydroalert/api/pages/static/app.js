// The start page: reads the public API as anyone would, and draws what it finds. No library, nothing from elsewhere.

import { ask } from "./asking.js";
import { Chart } from "./chart.js";
import { byId, draw, element, span } from "./dom.js";
import { loadLayers } from "./layers.js";

const REFRESH_MS = 10_000;
const PAGE = 500;
const MAX_STATIONS = 2000;
const SPAN_MS = 48 * 3_600_000;
const RESOLUTION_S = 1800;

const rows = new Map();
const drawn = new Map();
const chart = new Chart(byId("map"), { onChoose: find });
let stations = [];
let layers = { marks: [], sentences: [] };

const sight = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) drawSpark(target.dataset.code);
}, { rootMargin: "200px" });

async function loadStations() {
  const found = [];
  let cursor = "";
  do {
    const page = await ask(`/api/v1/stations?limit=${PAGE}${cursor && `&cursor=${cursor}`}`);
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
  return latest.age_s < 172_800 ? span(Math.max(0, latest.age_s)) : latest.time.slice(0, 10);
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
  const page = await ask(`${path}?from=${from}&resolution=${RESOLUTION_S}&limit=400`);
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

function drawMap() {
  const marks = stations.map((station) => ({ ...station.position, code: station.code, title: station.name,
    shape: draw("circle", { class: `place ${stateOf(mainDatastream(station)?.latest)}`, r: 6 }) }));
  chart.setMarks([...layers.marks, ...marks]);
}

async function refreshLayers() {
  layers = await loadLayers();
  byId("layers").replaceChildren(...layers.sentences.map((one) => element("p", {}, one)));
}

function find(code) {
  choose(code);
  rows.get(code)?.scrollIntoView({ behavior: "smooth", block: "center" });
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
    [stations] = await Promise.all([loadStations(), refreshLayers()]);
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
for (;;) {
  await refresh();
  await new Promise((resume) => setTimeout(resume, REFRESH_MS));
}
