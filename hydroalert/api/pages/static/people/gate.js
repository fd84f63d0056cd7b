// Log in, and what must be done before anything else answers: the second factor's code, a new password, a second factor.

import { element } from "../dom.js";
import { field, form } from "./forms.js";
import { passwordForm, secondFactorSetup } from "./own.js";
import { asAccount, isLoggedIn, logIn, logOut, resume, session } from "./session.js";

/** The account that is logged in, once it is; until then `root` shows what is asked. */
export function admitted(root) {
  return new Promise((resolve) => {
    const enter = async () => {
      const account = await asAccount("/api/v1/account");
      const confined = account.must_change_password ? "change-password" : account.confined;
      if (confined === "change-password") return ask(root, "Choose a password of your own first", passwordForm(() => logInAgain(enter, root)));
      if (confined === "second-factor") return secondFactor(root, enter);
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

/** A changed password may end every login, this one too. */
async function logInAgain(enter, root) {
  if (isLoggedIn() && await resume()) return enter();
  return showLogin(root, enter, "The password is changed. Log in with it.");
}

async function secondFactor(root, enter) {
  const place = element("div", {});
  ask(root, "Set up a second factor first", place);
  await secondFactorSetup(place, enter);
}

function showLogin(root, enter, words = null) {
  const name = field("Name", { autocomplete: "username", autocapitalize: "off", spellcheck: "false", required: true });
  const password = field("Password", { type: "password", autocomplete: "current-password", required: true });
  const code = field("Code of the second factor, or a recovery code", { inputmode: "text", autocomplete: "one-time-code" });
  code.label.hidden = true;
  const login = form([name, password, code], "Log in", async () => {
    try {
      await logIn(name.input.value.trim(), password.input.value, code.input.value.trim());
    } catch (error) {
      if (error.type.startsWith("second-factor") && code.label.hidden) return askCode(code);
      throw error;
    }
    await enter();
  });
  ask(root, "Log in", words && element("p", {}, words), login);
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
