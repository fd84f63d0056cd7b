// Log in, and what must be done before anything else answers: the second factor's code, a new password, a second factor.

import { element } from "../dom.js";
import { field, form } from "./forms.js";
import { passwordForm, secondFactorSetup } from "./own.js";
import { asAccount, logIn, logOut, resume, session } from "./session.js";

/** The account that is logged in, once it is; until then `root` shows what is asked. */
export function admitted(root) {
  return new Promise((resolve) => {
    const enter = async () => {
      const account = await asAccount("/api/v1/account");
      if (account.must === "change-password") return ask(root, "Choose a password of your own first", passwordForm(account.name, enter));
      if (account.must === "second-factor") return secondFactor(root, enter);
      root.replaceChildren();
      root.hidden = true;
      resolve(account);
    };
    session.onEnd = () => location.reload();
    resume().then((known) => (known ? enter() : showLogin(root, enter)), () => showLogin(root, enter));
  });
}

function ask(root, title, ...children) {
  root.hidden = false;
  root.replaceChildren(element("section", { class: "card gate" }, element("h2", {}, title), ...children));
  root.querySelector("input")?.focus();
}

async function secondFactor(root, enter) {
  const place = element("div", {});
  ask(root, "Set up a second factor first", place);
  await secondFactorSetup(place, enter);
}

function showLogin(root, enter) {
  const name = field("Name", { autocomplete: "username", autocapitalize: "off", spellcheck: "false", required: true });
  const password = field("Password", { type: "password", autocomplete: "current-password", required: true });
  const code = field("Code of the second factor, or a recovery code", { inputmode: "text", autocomplete: "one-time-code" });
  code.label.hidden = true;
  const login = form([name, password, code], "Log in", async () => {
    try {
      await logIn(name.input.value.trim(), password.input.value, code.input.value.trim());
    } catch (error) {
      if (error.type === "second-factor-needed" && code.label.hidden) return askCode(code);
      throw error;
    }
    await enter();
  });
  ask(root, "Log in", login);
}

function askCode(code) {
  code.label.hidden = false;
  code.input.required = true;
  code.input.focus();
}

/** Who is logged in, with a way out. */
export function whoIs(account) {
  const out = async () => { await logOut(); location.reload(); };
  return element("span", { class: "who" }, element("a", { href: "/account" }, account.name), ` (${account.role}) `,
    element("button", { type: "button", class: "quiet", click: out }, "Log out"));
}
