// Where it was seen: by this device's position, by a tap on the map, or typed.

import { Chart } from "../chart.js";
import { byId, draw } from "../dom.js";
import { loadAreas, loadPoints } from "../places.js";
import { say } from "./language.js";

const NEAR_SCALE = 6_000;
let chart = null;
let place = null;
let stations = [];

export const chosenPlace = () => place;

export async function showMap() {
  chart = new Chart(byId("map"), { onTap: (tapped) => take(tapped) });
  for (const id of ["lat", "lon"]) byId(id).addEventListener("change", takeTyped);
  byId("here").addEventListener("click", locate);
  const [areas, found] = await Promise.allSettled([loadAreas(), loadPoints("/api/v1/stations")]);
  if (areas.status === "fulfilled") chart.setAreas(areas.value.map((one) => ({ ...one, shade: "calm", title: one.name })));
  if (found.status === "fulfilled") stations = found.value;
  drawMarks();
}

export function forgetPlace() {
  place = null;
  sayPlace();
  if (chart) drawMarks();
}

/** Take a place: longitude as the map has it may be beyond 180. */
function take({ lon, lat, accuracy_m = null }) {
  place = { lon: Number((((lon + 540) % 360) - 180).toFixed(6)), lat: Number(Math.max(-90, Math.min(90, lat)).toFixed(6)) };
  if (accuracy_m !== null) place.accuracy_m = Math.round(accuracy_m);
  byId("lon").value = place.lon;
  byId("lat").value = place.lat;
  sayPlace();
  drawMarks();
}

export function sayPlace(word) {
  const values = place && { lat: place.lat.toFixed(5), lon: place.lon.toFixed(5), m: place.accuracy_m };
  byId("place").textContent = say(word ?? (!place ? "no_place" : place.accuracy_m ? "accuracy" : "place"), values ?? {});
}

function drawMarks() {
  const gauges = stations.map((one) =>
    ({ ...one, title: one.name, shape: draw("circle", { class: "gauge", r: 4 }) }));
  const pin = place && { ...place, shape: draw("path", { class: "pin", d: "M0 0C-3-8-11-13-11-21a11 11 0 0 1 22 0C11-13 3-8 0 0z" }) };
  chart.setMarks(pin ? [...gauges, pin] : gauges);
}

function takeTyped() {
  const typed = (id) => Number.parseFloat(byId(id).value.replace(",", "."));
  const lat = typed("lat"), lon = typed("lon");
  if (Number.isNaN(lat) || Number.isNaN(lon)) return;
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return sayPlace("bad_place");
  take({ lat, lon });
  chart.centre(place, NEAR_SCALE);
}

function locate() {
  if (!navigator.geolocation) return sayPlace("no_position");
  sayPlace("locating");
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    take({ lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy });
    chart.centre(place, NEAR_SCALE);
  }, () => sayPlace("no_position"), { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 });
}
