// What people told, on the map: verified reports, as coarsely as the public may see them, and shelters. What is not known
// is said to be not known.

import { draw, moment, span } from "./dom.js";
import { loadPoints } from "./places.js";

const HOUSE = "M-8 1L0-8L8 1V8H-8Z";

/** Marks of verified reports and shelters, and one sentence about each; a list that cannot be had says so. */
export async function loadLayers() {
  const [reports, shelters] = await Promise.allSettled([loadPoints("/api/v1/reports"), loadPoints("/api/v1/shelters")]);
  const told = reports.value ?? [], houses = shelters.value ?? [];
  return {
    marks: [...told.map(reportMark), ...houses.map(shelterMark)],
    sentences: [
      reports.value ? reportsText(told) : "Verified reports: no data just now.",
      shelters.value ? sheltersText(houses) : "Shelters: no data just now.",
    ],
  };
}

const reportsText = (reports) => (reports.length
  ? `Verified reports of the last 48 h: ${reports.length}, each shown within about 500 m.`
  : "No verified report of the last 48 h: that does not mean that it is safe.");

function sheltersText(shelters) {
  if (!shelters.length) return "No shelter is known here: that is no data, not “none needed”.";
  const open = shelters.filter((one) => one.status === "open");
  const full = open.filter((one) => one.free === 0).length, unsafe = open.filter(isInAlert).length;
  return `${open.length} of ${shelters.length} shelters open`
    + `${full ? `, ${full} of them full` : ""}${unsafe ? `, ${unsafe} inside an area that is warned` : ""}.`;
}

const isInAlert = (shelter) => (shelter.in_alert_areas ?? []).length > 0;

function reportMark(report) {
  const depth = report.depth ? `, water up to the ${report.depth}` : "";
  const title = `Verified: ${report.category.replaceAll("-", " ")}${depth}, seen about ${moment(report.seen_at)}`;
  return { ...report, title, shape: draw("rect", { class: "told", x: -7, y: -7, width: 14, height: 14, rx: 3 }) };
}

function shelterMark(shelter) {
  const state = shelter.status === "open" && shelter.free === 0 ? "full" : shelter.status;
  const shape = draw("path", { class: `shelter ${state} ${isInAlert(shelter) ? "unsafe" : ""}`, d: HOUSE });
  return { ...shelter, title: shelterText(shelter, state), shape };
}

function shelterText(shelter, state) {
  const counted = shelter.occupancy === null ? "nobody counted yet"
    : `${shelter.occupancy} of ${shelter.capacity} places taken, counted ${span((Date.now() - Date.parse(shelter.occupancy_at)) / 1000)} ago`;
  const alert = isInAlert(shelter) ? "; INSIDE AN AREA THAT IS WARNED" : shelter.alert_data === "no-data" ? "; no alert data here" : "";
  return `Shelter ${shelter.name}: ${state}; ${counted}${alert}`;
}
