// The launcher on the shop's own pages: a button, and the chat in a frame from its first click on.
// It is served without comments and spaces (widget.py): a comment fills a line, every statement ends
// with a semicolon, and no text has a space beside punctuation. "POUNCE_…" stand for settings.
(() => {
  const tag = document.currentScript;
  if (window.pounce || !tag) return;
  const home = tag.src.replace(/\/widget\.js.*/, ""),
    { origin } = new URL(home),
    title = "POUNCE_TITLE",
    phone = () => matchMedia("(max-width:640px)").matches,
    make = (name, attributes, ...inside) => {
      const made = document.createElement(name);
      for (const each in attributes) made.setAttribute(each, attributes[each]);
      made.append(...inside);
      return made;
    };

  // What stays from page to page of a visit: whether the chat is open, and the address in its frame.
  let kept = {};
  try {
    kept = { ...JSON.parse(sessionStorage.pounce) };
  } catch {}
  const keep = (change) => {
    Object.assign(kept, change);
    try {
      sessionStorage.pounce = JSON.stringify(kept);
    } catch {}
  };

  // A constructed sheet: policies without 'unsafe-inline' let it be.
  const sheet = new CSSStyleSheet(),
    host = make("pounce-chat"),
    root = host.attachShadow({ mode: "open" }),
    button = make(
      "button",
      { id: "open", "aria-haspopup": "dialog", "aria-expanded": false },
      tag.dataset.label || "Ask about our products"
    ),
    closer = make("button", { "aria-label": "Close" }, "×"),
    dialog = make("dialog", { "aria-label": title }, make("header", {}, title, closer));
  sheet.replaceSync(`
    :host{all:initial}
    button,header{border:0;background:POUNCE_ACCENT;color:#fff;font:600 16px/1.25 system-ui,sans-serif}
    button{padding:0;cursor:pointer}
    :focus-visible{outline:3px solid #fff;outline-offset:-6px}
    #open,dialog{position:fixed;inset:auto;inset-inline-end:20px;bottom:20px;z-index:2147483000;box-shadow:0 6px 32px #0005}
    #open{display:flex;gap:10px;align-items:center;max-width:calc(100vw - 40px);padding:15px 20px;border-radius:28px}
    #open::before{content:"";flex:none;width:22px;height:20px;border-radius:4px;background:#fff;clip-path:path("M0 0h22v15h-9l-5 5v-5h-8z")}
    dialog{bottom:88px;width:min(440px,100vw - 40px);height:min(760px,100dvh - 108px);max-width:none;max-height:none;margin:0;padding:0;border:0;border-radius:16px;overflow:hidden;background:#fff}
    dialog[open]{display:flex;flex-direction:column}
    header{display:flex;align-items:center;justify-content:space-between;padding-inline-start:16px}
    header button{width:44px;height:44px;font-size:26px}
    iframe{flex:1;border:0}
    @media(max-width:640px){dialog{inset:0;width:100vw;height:100dvh;border-radius:0}}
    @media(prefers-reduced-motion:no-preference){dialog[open]{animation:up .2s}}
    @keyframes up{from{opacity:0;transform:translateY(16px)}}
    @media print{:host{display:none}}
  `);
  root.adoptedStyleSheets = [sheet];
  root.append(button, dialog);

  let frame,
    loaded,
    opener,
    product = tag.dataset.product;
  const queue = [],
    send = () =>
      loaded &&
      queue.splice(0).forEach((pounce) => frame.contentWindow.postMessage({ pounce }, origin)),
    // The product of this page: as it is told, else as its JSON-LD has it, which the chat reads.
    page = () => ({
      page: {
        product,
        ld: [...document.querySelectorAll('[type="application/ld+json"]')].map((each) => each.text),
      },
    }),
    tell = (name, detail) => document.dispatchEvent(new CustomEvent(`pounce:${name}`, { detail })),
    open = (focus) => {
      if (!frame) {
        frame = make("iframe", { title, allow: "clipboard-write", src: home + (kept.at || "/") });
        frame.onload = () => {
          loaded = true;
          queue.unshift(page());
          send();
        };
        dialog.append(frame);
      }
      if (!dialog.open) {
        opener = document.activeElement;
        // On a phone it covers the page, which is then out of reach.
        if (phone()) dialog.showModal();
        else dialog.setAttribute("open", "");
        button.setAttribute("aria-expanded", true);
        keep({ open: 1 });
        if (focus) tell("opened");
      }
      if (focus) frame.focus();
    },
    close = () => {
      const inside = root.activeElement;
      dialog.close();
      button.setAttribute("aria-expanded", false);
      keep({ open: 0 });
      if (inside) (opener == host || opener == document.body ? button : opener).focus();
    };

  button.onclick = () => (dialog.open ? close() : open(1));
  closer.onclick = close;
  dialog.oncancel = (event) => {
    event.preventDefault();
    close();
  };
  root.onkeydown = (event) => {
    if (event.key == "Escape" && dialog.open) close();
  };
  addEventListener("message", (event) => {
    const said = event.data?.pounce;
    if (!frame || event.source != frame.contentWindow || event.origin != origin || !said) return;
    if (said.at) keep(said);
    else if (said.event) tell(said.event, said.detail);
    else close();
  });

  window.pounce = {
    open: ({ product: id, ...question } = {}) => {
      if (id) product = id;
      if (id) queue.push(page());
      if (question.like || question.text || question.photo) queue.push({ ask: question });
      open(1);
      send();
    },
    close,
  };

  const start = () => {
    // Beside the body: no rule of the page for its last child counts it.
    document.documentElement.append(host);
    if (kept.open && !phone()) open();
  };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
