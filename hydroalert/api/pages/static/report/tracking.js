// One's own report, by its tracking code: look, add, withdraw, erase.

import { ask } from "../asking.js";
import { byId, confirmed, element, moment } from "../dom.js";
import { codes, forgetCode, keep, keepCode } from "./kept.js";
import { explain, say, spoken } from "./language.js";
import { Pictures, sendPicture } from "./pictures.js";

const PATH = "/api/v1/reports/tracked";
let shown = null;

const tracked = (more = "", asked = {}) => ask(PATH + more, { ...asked, headers: { "X-Tracking-Code": shown } });

export function watchTracking() {
  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    look(byId("tracking").value.trim());
  });
}

/** The tab was opened: offer the codes that this device knows, and show the newest at once. */
export function openTracking() {
  const known = codes();
  byId("known").replaceChildren(
    ...known.slice(1).map((code) => element("button", { type: "button", class: "quiet", click: () => look(code) }, code)),
    ...(known.length ? [element("button", { type: "button", class: "quiet", click: forgetAll }, say("forget"))] : []));
  if (known.length) look(known[0]);
}

function forgetAll() {
  keep("codes", null);
  byId("found").hidden = true;
  byId("tracking").value = "";
  openTracking();
}

async function look(code) {
  byId("tracking").value = shown = code;
  byId("track_fault").hidden = true;
  try {
    render(await tracked());
    keepCode(code);
  } catch (error) {
    byId("found").hidden = true;
    if (error.status === 404) forgetCode(code);
    complain(error);
  }
}

function complain(error) {
  byId("track_fault").hidden = false;
  byId("track_fault").textContent = explain(error);
}

function render(report) {
  const state = report.withdrawn_at ? "withdrawn" : report.state;
  const ended = Boolean(report.withdrawn_at);
  byId("found").hidden = false;
  byId("found").replaceChildren(...[
    element("h2", { class: `state ${state}` }, say(`state_${state}`)),
    element("p", {}, element("strong", {}, say(report.category)), ` · ${say("seen", { at: moment(report.seen_at, spoken()) })}`),
    report.text ? element("p", {}, report.text) : null,
    thumbnails(report.pictures),
    element("h3", {}, say("story")), story(report.story),
    ended ? null : adding(), buttons(ended)].filter(Boolean));
}

const thumbnails = (pictures) => element("div", { class: "pictures" }, ...pictures.map((one, index) =>
  element("a", { href: one.links.picture }, element("img", { src: one.links.thumbnail, loading: "lazy", alt: say("picture", { number: index + 1 }) }))));

function story(events) {
  if (!events.length) return element("p", {}, say("no_story"));
  const word = (event) => (say(`event_${event.kind}`) === `event_${event.kind}` ? say(`state_${event.state}`) : say(`event_${event.kind}`));
  return element("ol", { class: "story" }, ...events.map((event) =>
    element("li", {}, element("time", { datetime: event.at }, moment(event.at, spoken())), " ", word(event), event.text ? `: ${event.text}` : "")));
}

function adding() {
  const text = element("textarea", { rows: 2, maxlength: 2000, "aria-label": say("add_text"), placeholder: say("add_text") });
  const form = element("form", { submit: (event) => {
    event.preventDefault();
    if (text.value.trim()) act("/additions", { json: { text: text.value.trim() } });
  } }, text, element("button", { type: "submit" }, say("add")));
  const list = element("div", { class: "pictures" });
  const code = shown;
  new Pictures(list, (file) => sendPicture(list, code, file));
  return element("div", {}, form, list);
}

function buttons(ended) {
  const button = (word, look_, click) => element("button", { type: "button", class: look_, click }, say(word));
  return element("div", { class: "row" }, ended ? null : button("withdraw", "quiet", () => sure("sure_withdraw", "/withdraw")),
    button("export", "quiet", save), button("erase", "bad", () => sure("sure_erase", "/erase")));
}

async function sure(question, path) {
  byId("sure_text").textContent = say(question);
  if (await confirmed(byId("sure"))) await act(path);
}

async function act(path, asked = {}) {
  try {
    await tracked(path, { method: "POST", ...asked });
    if (path !== "/erase") return await look(shown);
    forgetCode(shown);
    byId("found").replaceChildren(element("p", { role: "status" }, say("erased")));
  } catch (error) {
    complain(error);
  }
}

/** All that is kept, as a file. */
async function save() {
  try {
    const text = JSON.stringify(await tracked("/export"), null, 2);
    element("a", { href: `data:application/json;charset=utf-8,${encodeURIComponent(text)}`, download: "report.json" }).click();
  } catch (error) {
    complain(error);
  }
}
