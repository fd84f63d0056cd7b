// Areas, stations, shelters and reports as GeoJSON, page by page.

import { ask } from "./asking.js";

const MAX_PAGES = 20;

/** All features of a list. */
async function* features(path, more = "") {
  let cursor = "";
  for (let page = 0; page < MAX_PAGES && typeof cursor === "string"; page += 1) {
    const found = await ask(`${path}?format=geojson&limit=200${more}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    yield* found.features;
    cursor = found.next ?? null;
  }
}

const polygonsOf = ({ type, coordinates }) => (type === "Polygon" ? [coordinates] : coordinates);

const nameOf = ({ id, properties: { names = {} } }) => names[navigator.language.slice(0, 2)] ?? names.en ?? Object.values(names)[0] ?? id;

/** Alert areas as `{code, name, polygons}`, simplified for a map. */
export async function loadAreas() {
  const found = [];
  for await (const one of features("/api/v1/areas", "&tolerance_m=100")) {
    if (one.geometry) found.push({ code: one.id, name: nameOf(one), polygons: polygonsOf(one.geometry) });
  }
  return found;
}

/** Any list of points as `{id, lon, lat, ...properties}`. */
export async function loadPoints(path, more = "") {
  const found = [];
  for await (const { id, geometry, properties } of features(path, more)) {
    const [lon, lat] = geometry.type === "Point" ? geometry.coordinates : middleOf(geometry);
    found.push({ ...properties, id, lon, lat, geometry });
  }
  return found;
}

function middleOf(geometry) {
  const ring = polygonsOf(geometry)[0][0].slice(1);
  const mean = (index) => ring.reduce((sum, point) => sum + point[index], 0) / ring.length;
  return [mean(0), mean(1)];
}
