// Forms that open, change or end a session. They go to our own API, which sets the cookie that no script can read; afterwards
// the page is loaded anew, since the socket knows only the cookie of its handshake.
import { createElement as h, useRef, useState } from "react";
import { useT } from "./i18n";
import { go, sayProblem, send } from "./shell";

// A path on this site to go to after signing in; anything else would be an open redirect.
function safeNext() {
  const wanted = new URLSearchParams(window.location.search).get("next") ?? "";
  return /^\/(?![/\\])[\w\-/?=&.%]*$/.test(wanted) ? wanted : "/templates";
}

const values = (form) =>
  Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== "").map(([name, value]) => [name, String(value)]));

function extra() {
  const query = new URLSearchParams(window.location.search);
  return Object.fromEntries(["claim", "invitation"].filter((name) => query.get(name)).map((name) => [name, query.get(name)]));
}

// `path` is the endpoint; `carry` passes claim and invitation of the address on. A refusal stands under the field it names.
export function AccountForm({ path, carry, children }) {
  const words = useT();
  const form = useRef(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const refuse = (told) => {
    setProblem(told);
    const field = told.field && form.current?.elements.namedItem(told.field);
    if (field instanceof HTMLElement) {
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", "account-problem");
      field.focus();
    }
  };
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    for (const field of form.current.elements) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
    try {
      const { ok, told } = await send(path, { ...values(form.current), ...(carry ? extra() : {}) });
      if (ok) return go(safeNext());
      refuse(told);
    } catch {
      refuse({});
    }
    setBusy(false);
  };
  const fallback = words("error.unavailable", "This part of Galley is not available right now. Try again in a minute.");
  const sentence = problem && words(`error.${problem.code ?? "unavailable"}`, problem.detail || fallback, problem.params);
  return h("form", { ref: form, onSubmit: submit, noValidate: true, className: "account-form", "aria-busy": busy },
    children,
    h("p", { id: "account-problem", className: problem ? "st bad small" : "vh", role: "alert" },
      problem ? h("svg", { className: "i s16", viewBox: "0 0 20 20", "aria-hidden": true }, h("use", { href: "#bad" })) : null,
      problem ? h("span", { dir: "auto" }, sentence) : null));
}

// The other page, with what the address carries kept.
export function OtherWay({ href, children }) {
  const [search, setSearch] = useState("");
  return h("a", { href: href + search, onMouseEnter: () => setSearch(window.location.search), onFocus: () => setSearch(window.location.search) }, children);
}

// Another workspace: the server turns the cookie, and the page is loaded anew.
export async function switchWorkspace(id) {
  const { ok, told, status } = await send(`/api/v1/organisations/${encodeURIComponent(id)}/switch`, {});
  if (ok) go("/templates");
  else sayProblem(told, status);
}
