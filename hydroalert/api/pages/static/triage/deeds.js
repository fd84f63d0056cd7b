// What an operator does about a report. Each names the version that was seen; where another was quicker, that is said
// and shown, and nothing is done.

import { byId, element, moment } from "../dom.js";
import { asAccount } from "../people/session.js";
import { askFor, reasonField } from "./asking.js";
import { STATES, STEPS, plain } from "./words.js";

const path = (report, more) => `/api/v1/triage/${report.id}/${more}`;

/** The acts on a report as it was seen whole; `onDone()` looks at everything anew. */
export function deedsOn(seen, account, onDone) {
  const { report } = seen;
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
    step: (to, other) => step(seen, to, other, send),
    assign: () => send("assignment", { version: report.version, to: report.assigned_to === account.name ? null : account.name }),
    note: async () => {
      const said = await askFor("Note", "Only who works here reads it.", [reasonField("Note")], { yes: "Keep it" });
      if (said) await send("notes", { text: said.reason });
    },
    contact: () => showContact(report),
    confirm: (alert) => confirmAlert(alert, send),
    erase: () => erase(report, send),
  };
}

async function step({ report, steps, nearby }, to, other, send) {
  const { word, final, look } = STEPS[to];
  if (report.state === "submitted") return send("decision", { version: report.version, to });
  const reason = reasonField("Reason, which the reporter reads too", { required: steps.find((one) => one.to === to).needs_reason });
  const fields = [...(to === "duplicate" ? [sameAs(nearby, other)] : []), reason];
  const words = final ? "Only an administrator takes this back." : null;
  const said = await askFor(`${word.replace(" of …", "")}: ${plain(report.category)}`, words, fields, { yes: word.replace(" of …", ""), look: look ?? "main" });
  if (!said) return null;
  return send("decision", { version: report.version, to, reason: said.reason, ...(said.duplicate_of ? { duplicate_of: said.duplicate_of } : {}) });
}

/** Which report it repeats: one that is near, or any by its id. */
function sameAs(nearby, chosen) {
  const option = (one) => element("option", { value: one.id, selected: one.id === chosen },
    `${plain(one.category)}, ${Math.round(one.distance_m)} m, seen ${moment(one.seen_at)}, ${STATES[one.state]}`);
  if (nearby.length) return element("label", {}, "The same as", element("select", { name: "duplicate_of", required: true }, ...nearby.map(option)));
  return element("label", {}, "Id of the report that it repeats", element("input", { name: "duplicate_of", required: true }));
}

async function confirmAlert(alert, send) {
  const said = await askFor(`Confirm the alert in ${alert.area}`, "It vouches for the values that the alert rests on, and names this report.",
    [reasonField()], { yes: "Confirm" });
  if (said) await send("confirm", { alert: alert.alert, reason: said.reason });
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
  if (said) await send("erase");
}

/** What was refused, above the report as it is now; of a race the server says who was quicker. */
function tell(error) {
  const said = element("p", { class: "conflict", role: "alert" }, error.message);
  byId("detail").prepend(said);
  byId("detail").scrollTop = 0;
  setTimeout(() => said.remove(), 15_000);
}
