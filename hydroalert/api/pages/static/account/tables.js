// Tables of things one can act on, and asking before what cannot be undone.

import { byId, confirmed, element } from "../dom.js";

/** `columns`: titles; `rows`: lists of cells (text or elements). `none`: what is said where there are no rows. */
export function table(columns, rows, none) {
  if (!rows.length) return element("p", { class: "hint" }, none);
  const cell = (one) => element("td", {}, ...(Array.isArray(one) ? one : [one ?? "–"]));
  return element("div", { class: "scroll" }, element("table", {},
    element("thead", {}, element("tr", {}, ...columns.map((one) => element("th", { scope: "col" }, one)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell))))));
}

/** A small button that acts, then shows all anew; `question` is asked first. */
export function deed(word, act, { question = null, look = "quiet" } = {}) {
  return element("button", { type: "button", class: `small ${look}`, click: async ({ target }) => {
    if (question) {
      byId("sure_text").textContent = question;
      if (!await confirmed(byId("sure"))) return;
    }
    target.disabled = true;
    try { await act(); } catch (error) { complain(target, error); } finally { target.disabled = false; }
  } }, word);
}

export function complain(button, error) {
  const said = element("p", { class: "fault", role: "alert" }, error.message);
  button.parentElement.append(said);
  setTimeout(() => said.remove(), 10_000);
}

export const card = (title, ...children) => element("section", { class: "card" }, element("h2", {}, title), ...children);
