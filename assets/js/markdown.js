// Two parts of set markdown that could otherwise speak to other servers.
import { createElement as h } from "react";

function own(address) {
  try {
    const url = new URL(address, window.location.origin);
    return url.origin === window.location.origin ? url.href : null;
  } catch {
    return null;
  }
}

export function OwnImage({ src, alt }) {
  const address = typeof window === "undefined" ? null : own(src);
  return address ? h("img", { src: address, alt: alt ?? "", loading: "lazy" }) : h("span", { className: "muted" }, alt || "");
}

export function SafeLink({ href, children }) {
  const safe = /^(https?:|mailto:|\/|#)/i.test(href ?? "") ? href : undefined;
  return h("a", { href: safe, rel: "noopener noreferrer nofollow", target: "_blank" }, children);
}
