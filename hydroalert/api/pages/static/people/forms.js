// Small forms that pages of accounts share: fields, faults beside them, and what is shown once.

import { element } from "../dom.js";

export const field = (label, attributes) => {
  const input = element("input", { autocomplete: "off", ...attributes });
  return { input, label: element("label", {}, label, input) };
};

/** A form that asks until `act` is content; what it refuses is said below the fields. */
export function form(fields, button, act) {
  const fault = element("p", { class: "fault", role: "alert", hidden: true });
  const submit = element("button", { type: "submit", class: "main" }, button);
  return element("form", { submit: async (event) => {
    event.preventDefault();
    submit.disabled = true;
    fault.hidden = true;
    try {
      await act();
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
    } finally {
      submit.disabled = false;
    }
  } }, ...fields.map((one) => one.label ?? one), fault, element("div", { class: "row" }, submit));
}

/** What is shown only this once, with a button that copies it. */
export function shownOnce(words, secret) {
  const copy = element("button", { type: "button", class: "quiet", click: async () => {
    await navigator.clipboard.writeText(secret);
    copy.textContent = "Copied";
  } }, "Copy");
  return element("div", { class: "once", role: "status" }, element("p", {}, words), element("pre", {}, secret), copy);
}
