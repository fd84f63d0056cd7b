// What is open and how long it takes; and the map: areas, stations, clusters, reports.

import { Chart } from "../chart.js";
import { byId, draw, element, span } from "../dom.js";
import { asAccount } from "../people/session.js";
import { loadAreas, loadPoints } from "../places.js";
import { spot } from "./detail.js";
import { plain } from "./words.js";

const OLD_S = 3600;

let chart = null;
let areas = [];
let stations = [];
let clusters = [];
let alerts = new Map();

export async function openMap(onChoose) {
  chart = new Chart(byId("map"), { onChoose });
  const [shapes, gauges] = await Promise.allSettled([loadAreas(), loadPoints("/api/v1/stations")]);
  areas = shapes.value ?? [];
  stations = gauges.value ?? [];
}

/** Look at everything around the queue anew. */
export async function refreshOverview() {
  const [measured, found, standing] = await Promise.all([
    asAccount("/api/v1/triage/measures"), asAccount("/api/v1/triage/clusters"), asAccount("/api/v1/areas?limit=500")]);
  clusters = found.clusters;
  alerts = new Map(standing.areas.map((one) => [one.code, one]));
  drawMeasures(measured);
  byId("clusters").textContent = clusters.length
    ? `${clusters.length} ${clusters.length === 1 ? "cluster" : "clusters"} of open reports; the largest has ${Math.max(...clusters.map((one) => one.size))}.`
    : "No clusters: the open reports lie apart.";
}

export function drawMap(reports, chosen) {
  if (!chart) return;
  chart.setAreas(areas.map((one) => {
    const state = alerts.get(one.code);
    return { ...one, code: undefined, shade: state?.state === "active" ? state.severity : "calm", title: one.name, blind: state?.blind };
  }));
  chart.setMarks([
    ...stations.map((one) => ({ ...one, title: one.name, shape: draw("circle", { class: "gauge", r: 3 }) })),
    ...clusters.map((one) => ({ ...one.position, title: `${one.size} reports`, shape: swarm(one) })),
    ...[...reports].reverse().map((one) => ({ ...one.position, code: one.id, title: `${plain(one.category)}, priority ${one.priority}`, shape: spot(one) })),
  ]);
  if (chosen) document.querySelector(`#map .mark[data-code="${chosen}"]`)?.classList.add("chosen");
}

export const centreOn = (report) => chart?.centre(report.position);

const swarm = ({ size, severity }) => draw("g", {}, draw("circle", { class: `swarm ${severity}`, r: 14 + Math.min(size, 60) / 3 }),
  draw("text", { y: -18 - Math.min(size, 60) / 3 }, String(size)));

const time = (s) => (s === null || s === undefined ? "–" : span(s));

function drawMeasures(measured) {
  const shown = (label, value) => element("div", {}, element("b", {}, value), label);
  const all = measured.times.find((one) => one.severity === "all");
  const waiting = (state) => measured.open.filter((one) => one.state === state).reduce((sum, one) => sum + one.reports, 0);
  const old = measured.open.filter((one) => one.from_s >= OLD_S).reduce((sum, one) => sum + one.reports, 0);
  byId("measures").replaceChildren(
    shown("not looked at", String(waiting("submitted"))), shown("under review", String(waiting("under_review"))),
    shown("open for more than an hour", String(old)), shown("to the first look (median of 7 days)", time(all?.review_p50_s)),
    shown("nine in ten", time(all?.review_p90_s)), shown("to a decision", time(all?.decision_p50_s)));
}
