// API keys: for machines, never more than their account may, shown once.

import { element, moment } from "../dom.js";
import { field, form, shownOnce } from "../people/forms.js";
import { asAccount } from "../people/session.js";
import { card, deed, table } from "./tables.js";

const SCOPES = ["metrics", "fleet:read", "fleet:write", "alerts:read", "alerts:act", "rules:read", "rules:write", "subscriptions",
  "reports:read", "reports:triage", "shelters:write", "audit:read"];
const DAY_MS = 86_400_000;

export async function showKeys(root, account) {
  const again = () => showKeys(root, account);
  const { keys } = await asAccount("/api/v1/keys");
  root.replaceChildren(
    card("New key", newKey(again, (made) => root.prepend(made))),
    card("Keys", table(["Name", "Account", "May", "Until", "Last used", ""], keys.map((one) => keyRow(one, again)), "None.")));
}

function newKey(again, show) {
  const name = field("What it is for", { required: true, maxlength: 100, placeholder: "prometheus" });
  const days = field("Days until it expires", { type: "number", value: 365, min: 1, max: 365, required: true });
  const boxes = SCOPES.map((scope) => element("input", { type: "checkbox", value: scope }));
  const scopes = element("fieldset", { class: "scopes" }, element("legend", {}, "What it may be used for"),
    ...boxes.map((box) => element("label", { class: "check" }, box, box.value)));
  return form([name, days, scopes], "Make a key", async () => {
    const made = await asAccount("/api/v1/keys", { method: "POST", json: {
      name: name.input.value, scopes: boxes.filter((box) => box.checked).map((box) => box.value),
      expires_at: new Date(Date.now() + days.input.value * DAY_MS).toISOString() } });
    await again();
    show(shownOnce("The new key. It is shown only now: send it as Authorization: Bearer.", made.key));
  });
}

const keyRow = (one, again) => [one.name, one.account, one.scopes.join(", "), moment(one.expires_at),
  one.used_at ? moment(one.used_at) : "never", one.revoked_at ? "revoked" : !one.in_force ? "expired" : deed("Revoke", async () => {
    await asAccount(`/api/v1/keys/${one.code}`, { method: "DELETE" });
    await again();
  }, { question: `Revoke the key “${one.name}”? What uses it stops working at once.`, look: "bad" })];
