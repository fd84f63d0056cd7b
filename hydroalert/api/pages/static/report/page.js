// A citizen's page: say what is seen, get a code, follow what becomes of it. For one thumb and a bad network.

import { byId } from "../dom.js";
import { explain, say, switchLanguage, translate } from "./language.js";
import { Pictures, sendPicture } from "./pictures.js";
import { forgetPlace, sayPlace, showMap } from "./place.js";
import { askQuestions, resetQuestions } from "./questions.js";
import { filledIn, newKey, send, unsent } from "./sending.js";
import { openTracking, watchTracking } from "./tracking.js";

const VIEWS = ["new", "sent", "track"];
const pictures = new Pictures(byId("chosen"));

function show(view) {
  for (const one of VIEWS) byId(one).hidden = one !== view;
  for (const link of document.querySelectorAll(".tabs a")) {
    link.toggleAttribute("aria-current", link.hash === `#${view}`);
  }
  if (view === "track") openTracking();
  scrollTo(0, 0);
}

const route = () => show(location.hash === "#track" ? "track" : "new");

function complain(word, at = "fault") {
  byId("fault").hidden = !word;
  byId("fault").textContent = word ?? "";
  if (word) byId(at).scrollIntoView({ block: "center" });
}

async function submit(event) {
  event.preventDefault();
  const { report, missing, at } = filledIn();
  complain(missing ? say(missing) : null, at);
  if (report) await deliver(report, newKey());
}

/** Until the report is answered the form stands still; then it is cleared, and the pictures follow with the code. */
async function deliver(report, key) {
  busy(true);
  try {
    const code = await send(report, key);
    const files = pictures.files;
    clear();
    byId("code").textContent = code;
    byId("uploads").replaceChildren();
    history.replaceState(null, "", "#sent");
    show("sent");
    for (const file of files) sendPicture(byId("uploads"), code, file);
  } catch (error) {
    complain(explain(error));
  } finally {
    busy(false);
  }
}

function busy(on) {
  byId("send").disabled = on;
  byId("send").textContent = say(on ? "sending" : "send");
}

function clear() {
  resetQuestions();
  forgetPlace();
  pictures.clear();
}

async function copy() {
  await navigator.clipboard.writeText(byId("code").textContent);
  byId("copy").textContent = say("copied");
}

askQuestions();
watchTracking();
translate();
byId("language").addEventListener("click", () => {
  switchLanguage();
  sayPlace();
  if (!byId("track").hidden) openTracking();
});
byId("form").addEventListener("submit", submit);
byId("copy").addEventListener("click", copy);
addEventListener("hashchange", route);
route();
showMap();
const left = unsent();
if (left) deliver(left.report, left.key);
