// What the frame of a screen does in the browser alone: notices, leaving, keys, theme of the account.
import { createElement as h, useContext, useEffect, useState } from "react";
import { ColorModeContext } from "$/utils/context-registry";
import { isNews, t, useT } from "./i18n";

const SHOWN_MS = 7000;
const SHOWN_WITH_A_WAY_MS = 20_000; // it leads somewhere or can be undone, so there must be time for it
const listeners = new Set();

// Show a notice from the browser's side, for example after copying.
export function say(key, text, tone = "ok", args = {}) {
  const notice = { id: `own-${Date.now()}-${Math.random()}`, tone, key, text, ...args };
  listeners.forEach((listener) => listener(notice));
}

// A notice may lead to a page of ours, for example to what a job has made.
const leads = (one) => /^\/(?![/\\])/.test(one.href ?? "");

// Notices of the server arrive as one value; each new id is one notice. Three at most, the oldest goes first.
export function Notices({ notice, onUndo }) {
  const words = useT();
  const [shown, setShown] = useState([]);
  const drop = (id) => setShown((list) => list.filter((one) => one.id !== id));
  const add = (one) => {
    if (!one?.id) return;
    setShown((list) => [...list.filter((other) => other.id !== one.id), one].slice(-3));
    setTimeout(() => drop(one.id), leads(one) || one.undo ? SHOWN_WITH_A_WAY_MS : SHOWN_MS);
  };
  useEffect(() => {
    listeners.add(add);
    return () => listeners.delete(add);
  }, []);
  useEffect(() => add(notice), [notice?.id]);
  const undo = (one) => {
    drop(one.id);
    onUndo(one.undo);
  };
  return h(
    "div",
    { className: "notices", role: "status", "aria-live": "polite" },
    shown.map((one) =>
      h(
        "div",
        { key: one.id, className: `notice pop ${one.tone === "bad" ? "bad" : ""}` },
        h("span", null, words(one.key, one.text, one)), // in the page's direction, whatever the name that it begins with
        leads(one) ? h("a", { className: "btn sm", href: one.href }, words("notice.look", "Look")) : null,
        one.undo ? h("button", { type: "button", className: "btn sm", onClick: () => undo(one) }, words("notice.undo", "Undo")) : null,
        h(
          "button",
          { type: "button", className: "btn quiet icon sm", onClick: () => drop(one.id), "aria-label": words("notice.close", "Close") },
          h("svg", { className: "i s16", "aria-hidden": true }, h("use", { href: "#x" })),
        ),
      ),
    ),
  );
}

// The theme chosen in the account, when it is new here; after that the person may switch this browser freely.
export function ThemeOf({ theme }) {
  const { setColorMode } = useContext(ColorModeContext);
  useEffect(() => {
    if (theme && isNews("galley_account_theme", theme)) setColorMode(theme);
  }, [theme]);
  return null;
}

// Single keys and chords. Nothing fires while somebody types, or while a word is being composed (Chinese, Japanese, Korean).
export function Keys({ chords }) {
  useEffect(() => {
    const onKey = (event) => {
      if (event.isComposing || event.defaultPrevented) return;
      const typing = event.target.closest?.("input, textarea, select, [contenteditable=true]");
      const name = `${event.ctrlKey || event.metaKey ? "mod+" : ""}${event.key.toLowerCase()}`;
      const action = chords[name];
      if (!action || (typing && !name.startsWith("mod+") && name !== "escape")) return;
      event.preventDefault();
      action(event);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [chords]);
  return null;
}

// Send a command to our own API with the session cookie.
export async function send(path, body, method = "POST") {
  const answer = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, told };
}

// A refusal in words: the sentence is looked up by its code, the server's English stands in.
export function sayProblem(told, status) {
  const fallback = t("error.unavailable", "This part of Galley is not available right now. Try again in a minute.");
  say(told?.code ? `error.${told.code}` : "error.unavailable", told?.detail || fallback, "bad", { ...told?.params, status });
}

// A full navigation: the socket must open anew, because it knows the cookie of its handshake only.
export const reloadPage = () => window.location.reload();
export const go = (path) => window.location.assign(path);

export async function signOut() {
  const { ok, status, told } = await send("/api/v1/auth/logout", {});
  if (ok || status === 401) go("/");
  else sayProblem(told, status);
}

export async function tryNow() {
  const button = document.getElementById("try");
  if (button) button.disabled = true;
  try {
    const { ok, status, told } = await send("/api/v1/auth/demo", { locale: document.documentElement.lang });
    if (ok) return go("/templates/google-rsa?sample=1");
    sayProblem(told, status);
  } catch {
    sayProblem({}, 0);
  }
  if (button) button.disabled = false;
}
