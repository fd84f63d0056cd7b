// From answers to an accepted report. What was sent without an answer is kept on the device with its key, so that it goes
// out again by itself and is never a second report.

import { ask, insist } from "../asking.js";
import { byId } from "../dom.js";
import { keep, keepCode, kept } from "./kept.js";
import { say, spoken } from "./language.js";
import { chosenPlace } from "./place.js";
import { answered, seenAt } from "./questions.js";

/** What the citizen has said so far: `{report}` or `{missing: word}`. */
export function filledIn() {
  const place = chosenPlace(), category = answered("category"), seen_at = seenAt();
  if (!place) return { missing: "need_place", at: "map" };
  if (!category) return { missing: "need_category", at: "categories" };
  if (!seen_at) return { missing: "need_time", at: "times" };
  const report = { ...place, category, seen_at, language: spoken(), text: byId("text").value.trim() };
  if (answered("depth")) report.depth = answered("depth");
  if (byId("contact").value.trim()) report.contact = byId("contact").value.trim();
  return { report };
}

export const unsent = () => kept("unsent");

/** Send a report until it is answered; the tracking code. Raises Problem where it was refused. */
export async function send(report, key) {
  keep("unsent", { report, key });
  try {
    const headers = { "Idempotency-Key": key };
    const accepted = await insist(() => ask("/api/v1/reports", { method: "POST", json: report, headers }), { onWait: sayWaiting });
    keepCode(accepted.tracking_code);
    return accepted.tracking_code;
  } finally {
    keep("unsent", null);
    byId("wait").hidden = true;
  }
}

function sayWaiting(problem) {
  byId("wait").hidden = false;
  byId("wait").textContent = say("waiting", { why: problem.message });
}

/** Not guessable: who knows the key gets the answer again, and with it the tracking code. */
export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
