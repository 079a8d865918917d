// Every request that a page of the wizard makes by itself: with the page's account and token, with an end, and without an exception. What htmx
// sends is given the same token (wizard.js).
// For how long an answer is waited for, in ms: a long text has more time, 20 bytes a ms.
export const patience = (sent) => 10_000 + sent.length / 20;

export const { account } = document.getElementById("local").dataset; // for which the page was made
export const parsed = (text) => Object.assign(document.createElement("template"), { innerHTML: text }).content;

const tokens = (root) => [...root.querySelectorAll("[name=csrf_token]")];

// The one token of the page: all its forms have the same.
export const token = () => tokens(document)[0]?.value ?? "";

// The session is another one by now, as after signing in again: all forms of the page get its token. Whether `content` had a new one.
export function renewToken(content) {
  const fresh = tokens(content)[0]?.value;
  if (!fresh || fresh === token()) return false;
  for (const field of tokens(document)) field.value = fresh;
  return true;
}

const NONE = { status: 0, text: "", content: parsed("") };

async function once(url, { method = "GET", body, headers = {}, keepalive = false }) {
  body?.set("csrf_token", token());
  try {
    const response = await fetch(url, {
      method, body, keepalive, cache: "no-store", redirect: "manual",
      headers: { "HX-Request": "true", Accept: "text/html", "X-Account": account, ...headers },
      signal: AbortSignal.timeout(patience(new URLSearchParams(body).toString())),
    });
    const text = await response.text();
    const isOurs = response.type === "opaqueredirect" || response.headers.has("X-Answered-By");
    const { type, status } = isOurs || response.status === 413 ? response : NONE;
    return { type, status, text, content: parsed(isOurs ? text : ""), isReached: true };
  } catch {
    return NONE;
  }
}

// { status, text, content }; the status is 0 where no answer of Shingle's came in time. What a proxy says, or a network that asks for something first
// (`isReached`), is none, but for a proxy that takes no text so long (413). `body` is form data of either kind.
export async function request(url, asked = {}) {
  const answer = await once(url, asked);
  if (answer.status !== 400) return answer;
  // A stale token: the answer brings the present one, or the page does.
  const isRenewed = renewToken(answer.content) || renewToken((await once(location.pathname, {})).content);
  return isRenewed ? once(url, asked) : answer;
}
