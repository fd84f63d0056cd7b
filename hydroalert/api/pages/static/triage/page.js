// The operators' desk: a queue, one report, a map. What changes elsewhere shows here by itself.

import { byId, element } from "../dom.js";
import { admitted, whoIs } from "../people/gate.js";
import { asAccount } from "../people/session.js";
import { deedsOn } from "./deeds.js";
import { drawDetail } from "./detail.js";
import { centreOn, drawMap, openMap, refreshOverview } from "./overview.js";
import { drawQueue } from "./queue.js";
import { follow } from "./stream.js";
import { CATEGORIES, STEPS, plain } from "./words.js";

const STEP = 100;
const MOST = 1000;
const GATHER_MS = 400;
const RECKON_MS = 60_000;
const NARROW = matchMedia("(max-width: 52rem)");

let reports = [];
let limit = STEP;
let chosen = null; // as it was seen whole
let acts = null;

const account = await admitted(byId("gate"));

function query() {
  const { state, assigned, category } = Object.fromEntries(new FormData(byId("filters")));
  const asked = new URLSearchParams({ limit });
  if (state) asked.set("state", state);
  if (category) asked.set("category", category);
  if (assigned) asked.set("assigned", assigned);
  return asAccount(`/api/v1/triage?${asked}`);
}

function draw() {
  const id = chosen?.report.id;
  drawQueue(reports, id, choose);
  drawMap(reports, id);
}

/** The queue, what surrounds it, and the report that is looked at, all anew. */
async function refresh() {
  try {
    const [page] = await Promise.all([query(), refreshOverview()]);
    reports = page.reports;
    byId("more").hidden = page.matching <= limit || limit >= MOST;
    byId("summary").textContent = `${page.matching} ${page.matching === 1 ? "report" : "reports"}, the most urgent first`;
    if (chosen) await look(chosen.report.id);
    draw();
  } catch (error) {
    byId("summary").textContent = error.message;
  }
}

async function look(id) {
  chosen = await asAccount(`/api/v1/triage/${id}`);
  acts = { ...deedsOn(chosen, account, refresh), leave };
  drawDetail(chosen, account, acts);
}

async function choose(id) {
  try {
    await look(id);
    history.replaceState(null, "", `#${id}`);
    draw();
    centreOn(chosen.report);
    if (NARROW.matches) byId("detail").scrollIntoView();
    else document.querySelector(`#queue [data-code="${id}"]`)?.scrollIntoView({ block: "nearest" });
  } catch (error) {
    byId("summary").textContent = error.message;
  }
}

function more() {
  limit = Math.min(limit + STEP, MOST);
  return refresh();
}

/** Look at no report: the keys are shown in its place. */
function leave() {
  chosen = null;
  history.replaceState(null, "", location.pathname);
  byId("detail").replaceChildren(help);
  draw();
  if (NARROW.matches) scrollTo(0, 0);
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
  const at = reports.findIndex((one) => one.id === chosen?.report.id);
  const wanted = reports[Math.max(0, Math.min(reports.length - 1, at + by))];
  if (wanted) choose(wanted.id);
};

const KEYS = {
  j: () => move(1), k: () => move(-1), "/": () => byId("filters").elements.state.focus(),
  a: () => acts?.assign(), n: () => acts?.note(), c: () => chosen?.has_contact && acts?.contact(),
  "?": leave,
  ...Object.fromEntries(Object.entries(STEPS).map(([to, { key }]) => [key, () => chosen?.steps.some((one) => one.to === to) && acts.step(to)])),
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
follow("/api/v1/stream?kind=triage,alert", {
  onEvent: (name) => { if (["triage", "alert", "resync"].includes(name)) soon(); },
  onPoll: soon,
  onState: showStanding,
});
