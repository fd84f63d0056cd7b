// One report with all that is known of it: what was said, pictures and their hints, what stands around it, its story.

import { byId, distance, draw, element, moment, span } from "../dom.js";
import { bar, points } from "./queue.js";
import { STATES, STEPS, depthText, plain } from "./words.js";

const HINT_FAR_M = 1_000;
const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });

/** `acts`: what buttons do, by name (see deeds.js). */
export function drawDetail(seen, account, acts) {
  const { report } = seen;
  const detail = byId("detail"), top = detail.dataset.code === report.id ? detail.scrollTop : 0;
  detail.dataset.code = report.id;
  detail.className = `column ${report.severity}`;
  detail.replaceChildren(
    element("button", { type: "button", class: "quiet small back", click: acts.leave }, "← Queue"),
    element("h2", {}, `${plain(report.category)}, ${depthText(report)} `, element("span", { class: "badge" }, STATES[report.state])),
    facts(seen), steps(seen, account, acts),
    report.text ? element("blockquote", { lang: report.language }, report.text) : element("p", { class: "soft" }, "No words."),
    part("Priority", bar(report.priority), list(report.reasons, (one) => [points(one.points), ` ${one.words}`])),
    part("Pictures", gallery(seen.pictures)),
    part("Alert areas", list(seen.areas, (one) => area(one, report, account, acts), "It lies in no alert area.")),
    part("Stations near", list(seen.stations, station, "No station near speaks now: nothing is known, which is not calm.")),
    part("Near in place and time", list(seen.nearby, (one) => near(one, seen, acts), "No other report near.")),
    part("Story", list(seen.story, event)));
  detail.scrollTop = top;
}

const part = (title, ...children) => element("div", { class: "part" }, element("h3", {}, title), ...children);

const list = (things, show, none = "None.") => (things.length
  ? element("ul", {}, ...things.map((one) => element("li", {}, ...[show(one)].flat())))
  : element("p", { class: "soft" }, none));

function facts({ report, duplicate_of }) {
  const accuracy = report.accuracy_m === null ? "" : ` (within ${distance(report.accuracy_m)})`;
  const words = [`seen ${moment(report.seen_at)}`, `sent ${moment(report.submitted_at)}`,
    `${report.position.lat.toFixed(5)}, ${report.position.lon.toFixed(5)}${accuracy}`, `in ${LANGUAGES.of(report.language)}`,
    report.assigned_to ? `assigned to ${report.assigned_to}` : "assigned to nobody"];
  return element("div", {}, element("p", { class: "soft" }, words.join(" · ")),
    report.withdrawn_at ? element("p", { class: "warn" }, `Withdrawn by its reporter at ${moment(report.withdrawn_at)}.`) : null,
    duplicate_of ? element("p", { class: "warn" }, "Repeats ", element("a", { href: `#${duplicate_of}` }, "another report"), ".") : null);
}

function steps({ report, steps: open, has_contact }, account, acts) {
  const button = (word, key, look, click) => element("button", { type: "button", class: look, click }, word, key ? element("kbd", {}, key) : null);
  const may = account.role !== "viewer";
  const mine = report.assigned_to === account.name;
  return element("div", { class: "steps" },
    ...Object.keys(STEPS).filter((to) => open.some((one) => one.to === to)).map((to) => button(STEPS[to].word, STEPS[to].key, STEPS[to].look ?? "", () => acts.step(to))),
    may ? button(mine ? "Give back" : "Take it", "a", "quiet", acts.assign) : null,
    may ? button("Note", "n", "quiet", acts.note) : null,
    may && has_contact ? button("Contact", "c", "quiet", acts.contact) : null,
    account.role === "admin" ? button("Erase", null, "bad", acts.erase) : null);
}

function gallery(evidence) {
  if (!evidence.length) return element("p", { class: "soft" }, "None.");
  return element("div", { class: "gallery" }, ...evidence.map((one) => element("figure", {},
    element("a", { href: one.links.picture, target: "_blank", rel: "noopener" }, element("img", { src: one.links.thumbnail, alt: `Picture ${one.number}`, loading: "lazy" })),
    element("figcaption", {}, ...hints(one).map(([words, look]) => element("div", { class: look }, words))))));
}

/** What the picture's own metadata says: hints, never claims. */
function hints(picture) {
  const said = [], { off_m = null, at = null } = picture.hint ?? {};
  if (off_m !== null) said.push([`taken ${distance(off_m)} from there, by its metadata`, off_m > HINT_FAR_M ? "alarm" : ""]);
  if (at !== null) said.push([`taken ${moment(at)}, by its metadata`, ""]);
  if (picture.like) said.push([picture.like.bits === 0 ? "sent before: the very same" : "much like one sent before", "warn"]);
  return said.length ? said : [["no place or time in it", "soft"]];
}

function area(one, report, account, acts) {
  const words = `${one.area}: ${one.alert ? `${one.hazard}, ${one.severity}${one.public_severity ? "" : ", not public"}` : "no alert in force"}${one.blind ? "; blind: nobody knows" : ""} `;
  const may = one.alert && account.role !== "viewer" && report.state === "verified";
  return element("div", { class: `row tight ${one.severity ?? ""}` }, element("span", {}, words),
    may ? element("button", { type: "button", click: () => acts.confirm(one) }, "Confirm by this report") : null);
}

function station(one) {
  const trend = one.change_per_h === null || one.unit !== "m" ? "" : `, ${one.change_per_h >= 0 ? "+" : "−"}${Math.abs(one.change_per_h).toFixed(2)} ${one.unit}/h`;
  const over = one.threshold !== null && one.result >= one.threshold;
  const age = span((Date.now() - Date.parse(one.time)) / 1000);
  return [element("strong", {}, one.name), ` ${distance(one.distance_m)}: ${one.datastream} `,
    element("span", { class: over ? "alarm" : "" }, `${one.result.toFixed(2)} ${one.unit}`), `${trend}, ${age} ago`,
    one.threshold === null ? "" : ` (high from ${one.threshold} ${one.unit})`];
}

function near(one, { steps: open }, acts) {
  const may = open.some(({ to }) => to === "duplicate");
  return element("div", { class: "row tight" }, element("a", { href: `#${one.id}` }, `${plain(one.category)}, ${distance(one.distance_m)}, seen ${moment(one.seen_at)}, ${STATES[one.state]}`),
    one.possible_duplicate ? element("span", { class: "warn" }, "may be the same") : null,
    may ? element("button", { type: "button", class: "quiet", click: () => acts.step("duplicate", one.id) }, "It is the same") : null);
}

const event = (one) => [element("span", { class: "soft" }, `${moment(one.at)} ${one.author} `), one.kind,
  one.text ? `: ${one.text}` : "", one.kind === "note" && one.shown ? " (shown to the reporter)" : ""];

/** Its place on the map: the worse, the darker; chosen with a rim. */
export const spot = (report) => draw("circle", { class: `spot ${report.severity}`, r: 6 + report.priority / 20 });
