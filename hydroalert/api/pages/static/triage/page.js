// The operators' desk: a queue, one report, a map. What changes elsewhere shows here by itself.

import { byId, element } from "../dom.js";
import { admitted, whoIs } from "../people/gate.js";
import { asAccount } from "../people/session.js";
import { deedsOn } from "./deeds.js";
import { drawDetail } from "./detail.js";
import { centreOn, drawMap, openMap, refreshOverview } from "./overview.js";
import { drawQueue } from "./queue.js";
import { follow } from "./stream.js";
import { CATEGORIES, STEPS, plain, stepsFrom } from "./words.js";

const LIMIT = 100;
const GATHER_MS = 400;
const RECKON_MS = 60_000;

let reports = [];
let next = null;
let chosen = null;
let acts = null;

const account = await admitted(byId("gate"));

function query(cursor = null) {
  const { state, assigned, category } = Object.fromEntries(new FormData(byId("filters")));
  const asked = new URLSearchParams({ limit: LIMIT });
  if (state) asked.set("state", state);
  if (category) asked.set("category", category);
  if (assigned) asked.set("assigned", assigned === "me" ? account.name : "");
  if (cursor) asked.set("cursor", cursor);
  return asAccount(`/api/v1/triage?${asked}`);
}

function draw() {
  drawQueue(reports, chosen?.id, choose);
  drawMap(reports, chosen?.id);
  byId("more").hidden = next === null;
}

/** The queue, what surrounds it, and the report that is looked at, all anew. */
async function refresh() {
  try {
    const [page] = await Promise.all([query(), refreshOverview()]);
    reports = page.reports;
    next = page.next;
    if (chosen) await look(chosen.id);
    draw();
    byId("summary").textContent = "";
  } catch (error) {
    byId("summary").textContent = error.message;
  }
}

async function look(id) {
  chosen = await asAccount(`/api/v1/triage/${id}`);
  acts = deedsOn(chosen, account, refresh);
  drawDetail(chosen, account, acts);
}

async function choose(id) {
  try {
    await look(id);
    history.replaceState(null, "", `#${id}`);
    draw();
    centreOn(chosen);
    document.querySelector(`#queue [data-code="${id}"]`)?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    byId("summary").textContent = error.message;
  }
}

async function more() {
  const page = await query(next);
  reports = [...reports, ...page.reports];
  next = page.next;
  draw();
}

/** Many events make one look; a dialog that is open is waited for. */
let gathering = 0;
function soon() {
  clearTimeout(gathering);
  gathering = setTimeout(() => (byId("ask").open ? soon() : refresh()), GATHER_MS);
}

function showStanding(live) {
  byId("standing").hidden = false;
  byId("standing").textContent = live ? "live" : "every 10 s";
  byId("standing").className = `pill ${live ? "good" : ""}`;
}

const move = (by) => {
  const at = reports.findIndex((one) => one.id === chosen?.id);
  const wanted = reports[Math.max(0, Math.min(reports.length - 1, at + by))];
  if (wanted) choose(wanted.id);
};

const KEYS = {
  j: () => move(1), k: () => move(-1), "/": () => byId("filters").elements.state.focus(),
  a: () => acts?.assign(), n: () => acts?.note(), c: () => chosen?.has_contact && acts?.contact(),
  "?": () => { chosen = null; byId("detail").replaceChildren(help); draw(); },
  ...Object.fromEntries(Object.entries(STEPS).map(([to, { key }]) => [key, () => chosen && stepsFrom(chosen.state, account.role).includes(to) && acts.step(to)])),
};

function onKey(event) {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || !(event.key in KEYS)) return;
  if ("anc".includes(event.key) && account.role === "viewer") return;
  event.preventDefault();
  KEYS[event.key]();
}

const help = byId("detail").firstElementChild;
byId("who").replaceChildren(whoIs(account));
byId("desk").hidden = false;
byId("filters").elements.category.append(...CATEGORIES.map((one) => element("option", { value: one }, plain(one))));
byId("filters").addEventListener("change", refresh);
byId("more").addEventListener("click", more);
addEventListener("keydown", onKey);
addEventListener("hashchange", () => location.hash.length > 1 && choose(location.hash.slice(1)));
await openMap(choose);
await refresh();
if (location.hash.length > 1) choose(location.hash.slice(1));
setInterval(soon, RECKON_MS);
follow("/api/v1/stream?kind=report,alert", {
  onEvent: (name) => { if (["report", "alert", "resync"].includes(name)) soon(); },
  onPoll: soon,
  onState: showStanding,
});
