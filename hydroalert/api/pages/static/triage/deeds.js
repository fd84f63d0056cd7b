// What an operator does about a report. Each names the version that was seen; where another was quicker, that is said
// and shown, and nothing is done.

import { byId, element, moment } from "../dom.js";
import { asAccount } from "../people/session.js";
import { askFor, reasonField } from "./asking.js";
import { STATES, STEPS, plain } from "./words.js";

const path = (report, more) => `/api/v1/triage/${report.id}/${more}`;

/** The acts on `report`; `onDone()` looks at everything anew. */
export function deedsOn(report, account, onDone) {
  const send = async (more, json) => {
    try {
      await asAccount(path(report, more), { method: "POST", json });
      await onDone();
    } catch (error) {
      if (error.status === 409) await onDone();
      tell(error);
    }
  };
  return {
    step: (to, other) => step(report, to, other, send),
    assign: () => send("assignment", { version: report.version, to: report.assigned_to === account.name ? null : account.name }),
    note: async () => {
      const said = await askFor("Note", "Only who works here reads it.", [reasonField("Note")], { yes: "Keep it" });
      if (said) await send("notes", { text: said.reason });
    },
    contact: () => showContact(report),
    confirm: (alert) => confirmAlert(report, alert, onDone),
    erase: () => erase(report, send),
  };
}

async function step(report, to, other, send) {
  const { word, asks, final, look } = STEPS[to];
  if (!asks) return send("decision", { version: report.version, to, reason: "" });
  const fields = [...(to === "duplicate" ? [sameAs(report, other)] : []), reasonField("Reason")];
  const words = final ? "The reporter sees the outcome. Only an administrator takes this back." : null;
  const said = await askFor(`${word.replace(" of …", "")}: ${plain(report.category)}`, words, fields, { yes: word.replace(" of …", ""), look: look ?? "main" });
  if (!said) return null;
  return send("decision", { version: report.version, to, reason: said.reason, ...(said.duplicate_of ? { duplicate_of: said.duplicate_of } : {}) });
}

/** Which report it repeats: one that is near, or any by its id. */
function sameAs(report, chosen) {
  const option = (one) => element("option", { value: one.id, selected: one.id === chosen },
    `${plain(one.category)}, ${Math.round(one.distance_m)} m, seen ${moment(one.seen_at)}, ${STATES[one.state]}`);
  if (report.nearby.length) return element("label", {}, "The same as", element("select", { name: "duplicate_of", required: true }, ...report.nearby.map(option)));
  return element("label", {}, "Id of the report that it repeats", element("input", { name: "duplicate_of", required: true }));
}

async function confirmAlert(report, alert, onDone) {
  const text = `A verified report (${report.id}): ${plain(report.category)}`;
  const said = await askFor(`Confirm the alert in ${alert.area}`, "It vouches for the values that the alert rests on; the public hears of it.",
    [reasonField("Reason", { required: true }), element("p", { class: "soft" }, text)], { yes: "Confirm" });
  if (!said) return;
  try {
    await asAccount(`/api/v1/alerts/${alert.alert}/confirm`, { method: "POST", json: { reason: `${said.reason} — ${text}` } });
    await onDone();
  } catch (error) {
    tell(error);
  }
}

async function showContact(report) {
  try {
    const { contact } = await asAccount(path(report, "contact"));
    await askFor("Contact", "That you looked is kept in the audit.", [element("pre", {}, contact)], { yes: "Close" });
  } catch (error) {
    tell(error);
  }
}

async function erase(report, send) {
  const said = await askFor("Erase this report?", "Its words, contact, place and pictures go for good. This cannot be undone.", [], { yes: "Erase", look: "bad" });
  if (said) await send("erase", {});
}

/** What was refused, above the report; of a race also what it is now. */
function tell(error) {
  const now = error.more.current;
  const words = now ? `${error.message} It is now: ${STATES[now.state] ?? now.state}.` : error.message;
  const said = element("p", { class: "conflict", role: "alert" }, words);
  byId("detail").prepend(said);
  byId("detail").scrollTop = 0;
  setTimeout(() => said.remove(), 15_000);
}
