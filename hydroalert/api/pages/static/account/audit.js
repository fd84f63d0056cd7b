// Who did what to what, from where, before and after: to look through, for administrators.

import { element, moment } from "../dom.js";
import { field, form } from "../people/forms.js";
import { asAccount } from "../people/session.js";
import { card, table } from "./tables.js";

const FILTERS = { actor: "Who", act: "Act", thing: "Thing", target: "Which" };

export async function showAudit(root) {
  const fields = Object.fromEntries(Object.entries(FILTERS).map(([name, label]) => [name, field(label, { type: "search" })]));
  const since = field("Since", { type: "datetime-local" });
  const list = element("div", {});
  const look = () => {
    const query = new URLSearchParams({ limit: 100 });
    for (const [name, { input }] of Object.entries(fields)) if (input.value.trim()) query.set(name, input.value.trim());
    if (since.input.value) query.set("since", new Date(since.input.value).toISOString());
    return show(list, query);
  };
  const filters = form([...Object.values(fields), since], "Look", look);
  filters.classList.add("filters");
  root.replaceChildren(card("Audit", filters, list));
  await look();
}

async function show(list, query) {
  const page = await asAccount(`/api/v1/audit?${query}`);
  const more = page.next && element("button", { type: "button", class: "quiet", click: () => {
    query.set("cursor", page.next);
    return show(list, query);
  } }, "Older");
  list.replaceChildren(
    table(["When", "Who", "From", "Did", "To what", "Before → after"], page.entries.map(row), "Nothing that matches."), more ?? "");
}

const row = (one) => [moment(one.at), `${one.actor} (${one.actor_kind.replace("-", " ")})`, one.address, one.act, `${one.thing} ${one.target}`, changes(one)];

/** What changed, name by name; values as they are in the database. */
function changes({ before, after }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (!names.length) return "–";
  const value = (of, name) => (of && name in of ? JSON.stringify(of[name]) : "–");
  return [element("details", {}, element("summary", {}, names.slice(0, 4).join(", ") + (names.length > 4 ? " …" : "")),
    element("ul", {}, ...names.map((name) => element("li", {}, `${name}: ${value(before, name)} → ${value(after, name)}`))))];
}
