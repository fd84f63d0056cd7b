// What this device remembers between visits; private windows may forbid it, and then nothing is remembered.

const name = (key) => `hydroalert.report.${key}`;

export function kept(key) {
  try { return JSON.parse(localStorage.getItem(name(key))); } catch { return null; }
}

export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(name(key));
    else localStorage.setItem(name(key), JSON.stringify(value));
  } catch { /* nothing is remembered */ }
}

/** Codes of the reports that were sent from here, the newest first. */
export const codes = () => kept("codes") ?? [];

export const keepCode = (code) => keep("codes", [code, ...codes().filter((one) => one !== code)].slice(0, 10));

export const forgetCode = (code) => keep("codes", codes().filter((one) => one !== code));
