// Asking the api: every answer is data, every refusal a Problem with words that say what to do (RFC 9457).

/** `status` is 0 where no answer came. */
export class Problem extends Error {
  constructor(status, { type = "", detail = "", ...more } = {}, retryAfterS = null) {
    super(detail || `The server answered ${status}.`);
    this.status = status;
    this.type = type.split(":").at(-1);
    this.retryAfterS = retryAfterS;
    this.more = more;
  }

  /** Whether the same again may succeed: nothing came back, or the server was busy. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const NO_NETWORK = { type: "no-network", detail: "No answer: is there a network?" };

export const problemOf = (status, text, retryAfter) => {
  let said = {};
  try { said = JSON.parse(text); } catch { /* not ours: a proxy's page */ }
  return new Problem(status, said, Number(retryAfter) || null);
};

/** The answer's JSON, or null where it has no body. Raises Problem. */
export async function ask(path, { method = "GET", json, headers = {}, signal } = {}) {
  const sent = { method, signal, cache: "no-store", headers: { Accept: "application/json", ...headers } };
  if (json !== undefined) {
    sent.body = JSON.stringify(json);
    sent.headers["Content-Type"] = "application/json";
  }
  let answer, text;
  try {
    answer = await fetch(path, sent);
    text = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, NO_NETWORK);
  }
  if (!answer.ok) throw problemOf(answer.status, text, answer.headers.get("Retry-After"));
  return text ? JSON.parse(text) : null;
}

const pause = (ms) => new Promise((resume) => {
  const timer = setTimeout(done, ms);
  function done() { clearTimeout(timer); removeEventListener("online", done); resume(); }
  addEventListener("online", done);
});

/** Do it until it is answered: what passes is tried again, later each time; `onWait` hears why. */
export async function insist(act, { onWait = () => {}, goOn = () => true } = {}) {
  for (let wait_s = 2; ; wait_s = Math.min(wait_s * 2, 60)) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Problem) || !error.passing || !goOn()) throw error;
      onWait(error);
      await pause((error.retryAfterS ?? wait_s * (0.75 + Math.random() / 2)) * 1000);
    }
  }
}
