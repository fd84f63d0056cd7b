// One dialog for every question: a reason, a note, which report it repeats.

import { byId, element } from "../dom.js";

/** What was answered by field name, or null where it was called off. `fields`: elements with a name. */
export function askFor(title, words, fields, { yes = "Do it", look = "main" } = {}) {
  const dialog = byId("ask"), form = dialog.querySelector("form");
  form.replaceChildren(element("h2", {}, title), words ? element("p", {}, words) : "", ...fields,
    element("div", { class: "row" }, element("button", { value: "no", class: "quiet", formnovalidate: true }, "Not now"), element("button", { value: "yes", class: look }, yes)));
  dialog.returnValue = "";
  dialog.showModal();
  (form.querySelector("textarea, input:not([type=radio]), select") ?? form.querySelector("button.main"))?.focus();
  return new Promise((resolve) => dialog.addEventListener("close", () =>
    resolve(dialog.returnValue === "yes" ? Object.fromEntries(new FormData(form)) : null), { once: true }));
}

export function reasonField(label = "Reason", attributes = { required: true }) {
  const area = element("textarea", { name: "reason", rows: 3, maxlength: 2000, ...attributes });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit(area.form.querySelector("[value=yes]"));
  });
  return element("label", {}, label, area);
}
