// Server-sent events read by fetch, which unlike EventSource can say who asks. Where they break off, what they tell of is
// looked up every ten seconds until they are back.

import { proof } from "../people/session.js";

const POLL_MS = 10_000;
const SILENT_MS = 40_000;

const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

/** Follow for ever. `onEvent(name, data)` for each event, `onPoll()` in their place, `onState(live)` when that changes. */
export async function follow(path, { onEvent, onPoll, onState }) {
  for (;;) {
    try {
      await read(path, onEvent, onState);
    } catch (error) {
      console.warn(error);
    }
    onState(false);
    await pause(POLL_MS);
    onPoll();
  }
}

async function read(path, onEvent, onState) {
  const ending = new AbortController();
  const answer = await fetch(path, { headers: { Accept: "text/event-stream", ...await proof() }, cache: "no-store", signal: ending.signal });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  onState(true);
  let alarm = 0;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ;) {
    clearTimeout(alarm);
    alarm = setTimeout(() => ending.abort(), SILENT_MS);
    const { done, value } = await reader.read();
    if (done) break;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    blocks.forEach((block) => tell(block, onEvent));
  }
  clearTimeout(alarm);
}

/** One event: its lines are `field: value` (HTML, section 9.2.6). */
function tell(block, onEvent) {
  const lines = block.split("\n").map((line) => line.split(/: ?(.*)/s));
  const name = lines.find(([field]) => field === "event")?.[1];
  const data = lines.filter(([field]) => field === "data").map(([, value]) => value).join("\n");
  if (name) onEvent(name, data ? JSON.parse(data) : null);
}
