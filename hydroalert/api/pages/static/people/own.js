// One's own password and second factor: on the account page, and where they must be set before anything else.

import { element } from "../dom.js";
import { field, form, shownOnce } from "./forms.js";
import { asAccount } from "./session.js";

/** `onDone` once the password is another; the other logins of the account are ended by that. */
export function passwordForm(name, onDone) {
  const who = element("input", { type: "text", autocomplete: "username", value: name, hidden: true });
  const was = field("Password so far", { type: "password", autocomplete: "current-password", required: true });
  const next = field("New password, at least 12 characters", { type: "password", autocomplete: "new-password", required: true, minlength: 12 });
  const again = field("The new one again", { type: "password", autocomplete: "new-password", required: true });
  return form([who, was, next, again], "Change password", async () => {
    if (next.input.value !== again.input.value) throw new Error("The new password and its repetition differ.");
    await asAccount("/api/v1/account/password", { method: "POST", json: { current: was.input.value, new: next.input.value } });
    await onDone();
  });
}

/** From nothing to a second factor that was confirmed by a code; `onDone` when the recovery codes were shown. */
export async function secondFactorSetup(root, onDone) {
  const { secret, qr_svg } = await asAccount("/api/v1/account/second-factor", { method: "POST" });
  const code = field("The six digits that it shows", { inputmode: "numeric", autocomplete: "one-time-code", required: true, maxlength: 6 });
  const password = field("Your password", { type: "password", autocomplete: "current-password", required: true });
  root.replaceChildren(
    element("p", {}, "Scan this with an authenticator app, or type the secret into it."),
    element("img", { class: "qr", alt: "QR code of the secret", src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr_svg)}` }),
    element("pre", {}, secret),
    form([code, password], "Confirm", async () => {
      const { recovery_codes } = await asAccount("/api/v1/account/second-factor/confirm", { method: "POST", json: { code: code.input.value, password: password.input.value } });
      root.replaceChildren(
        shownOnce("Recovery codes: each replaces the second factor once, should you lose it. Keep them elsewhere; they are shown only now.", recovery_codes.join("\n")),
        element("button", { type: "button", class: "main", click: onDone }, "I have kept them"));
    }));
}
