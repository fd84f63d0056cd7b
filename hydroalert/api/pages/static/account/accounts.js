// Everybody's accounts, for administrators.

import { element, moment } from "../dom.js";
import { field, form, shownOnce } from "../people/forms.js";
import { asAccount } from "../people/session.js";
import { card, complain, deed, table } from "./tables.js";

const ROLES = ["viewer", "operator", "admin"];
const path = (name, more = "") => `/api/v1/accounts/${encodeURIComponent(name)}${more}`;

export async function showAccounts(root, own) {
  const again = () => showAccounts(root, own);
  const tell = (shown) => root.prepend(shown);
  const { accounts } = await asAccount("/api/v1/accounts");
  root.replaceChildren(
    card("New account", newAccount(again, tell)),
    card("Accounts", table(["Name", "Role", "Second factor", "Since", "Last login", ""], accounts.map((one) => row(one, own, again, tell)), "None.")));
}

const roleChoice = (chosen, attributes = {}) => element("select", { "aria-label": "Role", ...attributes },
  ...ROLES.map((role) => element("option", { value: role, selected: role === chosen }, role)));

function newAccount(again, tell) {
  const name = field("Name: small letters, digits, . _ -", { required: true, maxlength: 63, pattern: "[a-z0-9][a-z0-9._\\-]*", autocapitalize: "off" });
  const role = roleChoice("operator");
  return form([name, element("label", {}, "Role", role)], "Make an account", async () => {
    const made = await asAccount("/api/v1/accounts", { method: "POST", json: { name: name.input.value, role: role.value } });
    await again();
    tell(firstPassword(made.account.name, made.password));
  });
}

const firstPassword = (name, password) =>
  shownOnce(`The password of ${name}. It is shown only now, and must be changed at the next login.`, password);

const secondFactor = (one, again) => (!one.second_factor ? "off" : ["on ", deed("Remove", async () => {
  await asAccount(path(one.name, "/second-factor"), { method: "DELETE" });
  await again();
}, { question: `Remove the second factor of ${one.name}? Be sure who asks for it: from now on the password is enough.` })]);

function row(one, own, again, tell) {
  const change = async (json) => { await asAccount(path(one.name), { method: "PATCH", json }); await again(); };
  const role = one.name === own.name ? one.role : roleChoice(one.role, { change: ({ target }) => change({ role: target.value }).catch((error) => complain(target, error)) });
  return [one.name, role, secondFactor(one, again), moment(one.created_at), one.last_login_at ? moment(one.last_login_at) : "never",
    one.name === own.name ? "you" : [
      deed("New password", async () => {
        const { password } = await asAccount(path(one.name, "/password"), { method: "POST" });
        await again();
        tell(firstPassword(one.name, password));
      }, { question: `Give ${one.name} a new password? The old one, and every login, end at once.` }),
      deed("Log out", async () => { await asAccount(path(one.name, "/logout"), { method: "POST" }); await again(); }),
      deed(one.enabled ? "Disable" : "Enable", () => change({ enabled: !one.enabled })),
      deed("Delete", async () => { await asAccount(path(one.name), { method: "DELETE" }); await again(); },
        { question: `Delete the account ${one.name} with its keys? This cannot be undone; the audit keeps what it did.`, look: "bad" }),
    ]];
}
