// Password, second factor, and where this account is logged in.

import { element, moment } from "../dom.js";
import { passwordForm, secondFactorSetup } from "../people/own.js";
import { field, form } from "../people/forms.js";
import { asAccount } from "../people/session.js";
import { card, deed, table } from "./tables.js";

export async function showOwn(root, known) {
  const again = () => showOwn(root, known);
  const [account, { logins }] = await Promise.all([asAccount("/api/v1/account"), asAccount("/api/v1/account/logins")]);
  const changed = element("p", { role: "status" });
  root.replaceChildren(
    card("Password", passwordForm(account.name, () => { changed.textContent = "Changed."; }), changed),
    card("Second factor", secondFactor(account, again)),
    card("Logged in", element("p", { class: "hint" }, "Is one of these not you? Log it out, and change your password."),
      table(["Since", "Used", "", "From", "With"], logins.map((one) => loginRow(one, again)), "Nowhere.")));
}

function secondFactor(account, again) {
  const place = element("div", {});
  if (!account.second_factor) {
    place.append(element("p", {}, "Off: whoever learns your password is in."),
      deed("Set up", () => secondFactorSetup(place, again), { look: "" }));
    return place;
  }
  const password = field("Password", { type: "password", autocomplete: "current-password", required: true });
  place.append(element("p", {}, "On."), element("details", {}, element("summary", {}, "Turn it off"), form([password], "Turn off", async () => {
    await asAccount("/api/v1/account/second-factor", { method: "DELETE", json: { password: password.input.value } });
    await again();
  })));
  return place;
}

const loginRow = (one, again) => [moment(one.created_at), moment(one.used_at),
  one.current ? "this one" : deed("Log out", async () => {
    await asAccount(`/api/v1/account/logins/${one.id}`, { method: "DELETE" });
    await again();
  }), one.address, one.agent];
