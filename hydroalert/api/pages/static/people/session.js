// Who is logged in here. The access token is kept in memory only: nothing that outlives the page holds it. The refresh
// token is kept in sessionStorage, so that a reload does not ask for the password again: it belongs to this tab and dies
// with it, each one is good for one use, and using one twice ends the login. No script but the server's own runs on these
// pages (Content-Security-Policy), so nothing else reads either of them. A cookie would go out with requests that other
// sites cause; these do not.

import { Problem, ask } from "../asking.js";

const KEPT = "hydroalert.refresh";
const EARLY_MS = 30_000;

let access = null;
let until = 0;
let renewing = null;

/** Called when the login is over, whoever ended it. */
export const session = { onEnd: () => {} };

function take({ access_token, expires_in, refresh_token, ...more }) {
  access = access_token;
  until = Date.now() + expires_in * 1000;
  sessionStorage.setItem(KEPT, refresh_token);
  return more;
}

function forget() {
  access = null;
  sessionStorage.removeItem(KEPT);
}

export async function logIn(name, password, code) {
  return take(await ask("/api/v1/login", { method: "POST", json: { name, password, ...(code ? { code } : {}) } }));
}

/** Go on with the login of this tab; whether there was one. */
export async function resume() {
  return sessionStorage.getItem(KEPT) !== null && renew().then(() => true, (error) => {
    if (error.passing) throw error;
    return false;
  });
}

export async function logOut() {
  await asAccount("/api/v1/logout", { method: "POST" }).catch(() => { /* ended already, or nobody to tell */ });
  forget();
}

/** Once at a time: a second use of the same refresh token would end the login. */
function renew() {
  renewing ??= ask("/api/v1/login/refresh", { method: "POST", json: { refresh_token: sessionStorage.getItem(KEPT) } })
    .then(take)
    .catch((error) => {
      if (!error.passing) forget();
      throw error;
    })
    .finally(() => { renewing = null; });
  return renewing;
}

/** The header that proves who asks; renewed before it runs out. Raises Problem. */
export async function proof() {
  if (access === null || Date.now() > until - EARLY_MS) {
    if (sessionStorage.getItem(KEPT) === null) throw new Problem(401, { type: "login-needed", detail: "Log in first." });
    await renew();
  }
  return { Authorization: `Bearer ${access}` };
}

/** `ask` as the account that is logged in. A token that stopped counting is renewed once; then the login is over. */
export async function asAccount(path, asked = {}, again = true) {
  try {
    return await ask(path, { ...asked, headers: { ...asked.headers, ...await proof() } });
  } catch (error) {
    if (error.status !== 401) throw error;
    until = 0;
    if (again && sessionStorage.getItem(KEPT) !== null) return asAccount(path, asked, false);
    forget();
    session.onEnd(error);
    throw error;
  }
}
