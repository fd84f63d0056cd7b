// One's own account; and for administrators everybody's, and the audit.

import { byId } from "../dom.js";
import { admitted, whoIs } from "../people/gate.js";
import { showAccounts } from "./accounts.js";
import { showAudit } from "./audit.js";
import { showKeys } from "./keys.js";
import { showOwn } from "./own.js";

const VIEWS = { "#own": showOwn, "#keys": showKeys, "#accounts": showAccounts, "#audit": showAudit };

const account = await admitted(byId("gate"));
byId("who").replaceChildren(whoIs(account));
byId("tabs").hidden = false;
const RANKS = ["viewer", "operator", "admin"];
for (const one of document.querySelectorAll("[data-role]")) one.hidden = RANKS.indexOf(account.role) < RANKS.indexOf(one.dataset.role);

async function route() {
  const hash = location.hash in VIEWS ? location.hash : "#own";
  for (const link of document.querySelectorAll(".tabs a")) link.toggleAttribute("aria-current", link.hash === hash);
  try {
    await VIEWS[hash](byId("view"), account);
  } catch (error) {
    byId("view").textContent = error.message;
  }
}

addEventListener("hashchange", route);
route();
