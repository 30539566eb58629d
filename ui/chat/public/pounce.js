// Runs before Chainlit's own script: without a choice of the shopper's, follow the system's theme.
if (!localStorage.getItem("vite-ui-theme")) localStorage.setItem("vite-ui-theme", "system");

// What the elements of the page share. Chainlit mounts an element anew whenever its props change,
// so what a shopper has begun (a picked card, an opened view) is kept here and not in the element.
window.pounce = (() => {
  // The path that the chat lies under; known only while this script is read.
  const root = new URL(document.currentScript.src).pathname.split("/public/")[0];
  const kept = new Set();
  const told = new EventTarget();
  let last = { key: "", at: 0 };
  let session = ""; // the server's name for this page's conversation, told at every connection
  return {
    root,
    goOn(name) {
      session = name;
      told.dispatchEvent(new Event("session"));
    },
    // The name of the session, once there is one.
    session: () =>
      session || new Promise((go) => told.addEventListener("session", () => go(session), { once: true })),
    onSession(listener) {
      told.addEventListener("session", () => listener(session));
    },
    // What a button does. Chainlit's own would speak for the conversation that an element was drawn
    // in first, also when the page has gone on to another.
    async callAction(action) {
      const response = await fetch(`${root}/project/action`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        keepalive: true, // a link to the shop may take the page away
        body: JSON.stringify({ sessionId: session, action }),
      });
      if (!response.ok) throw new Error(`${response.status} for ${action.name}`);
      return response.json();
    },
    kept,
    picked: new Map(), // by list: ids of the cards that are to be compared
    opened: new Map(), // by list: id of the card that is shown large
    moves: new Map(), // by list: since when its cards move
    gone: new Set(),
    subscribe(listener) {
      told.addEventListener("change", listener);
      return () => told.removeEventListener("change", listener);
    },
    changed() {
      told.dispatchEvent(new Event("change"));
    },
    setKept(ids) {
      kept.clear();
      ids.forEach((id) => kept.add(id));
      this.changed();
    },
    // A double click is one wish.
    fresh(key) {
      const now = performance.now();
      const again = key === last.key && now - last.at < 800;
      last = { key, at: now };
      return !again;
    },
    wide: () => window.matchMedia("(min-width: 1024px)").matches,
    // The address that a conversation has from its first message on, so that a reload finds it again.
    giveAddress(thread) {
      if (window.location.pathname === `${root}/`)
        window.history.replaceState(window.history.state, "", `${root}/thread/${thread}`);
    },
  };
})();

// Chainlit fetches an element's source for every one that it shows, and evaluates and mounts each
// anew with every message: in a long conversation a search would wait a second for that alone. So
// each source is fetched once, before it is needed, and what Chainlit gets in its place hands it to
// Chainlit's own Renderer, which evaluates it only when the element's props have changed.
(() => {
  const fetchAny = window.fetch.bind(window);
  const asked = new Map(); // by address: the promise of a source
  const sources = (window.pounce.sources = new Map()); // by address: the source
  const once = (path) => {
    if (!asked.has(path)) {
      const source = fetchAny(path).then(async (response) => {
        if (!response.ok) throw new Error(`${response.status} for ${path}`);
        sources.set(path, await response.text());
      });
      source.catch(() => asked.delete(path)); // the next one tries again
      asked.set(path, source);
    }
    return asked.get(path);
  };
  const standIn = (path) => `
    import { Renderer } from "@/components/renderer";
    export default <Renderer sourceCode={window.pounce.sources.get("${path}")} props={props} />;`;
  // Chainlit's page asks who its user is with every message and whenever its socket breaks, and leaves
  // for the login page when no answer comes. A network that is gone for a moment logs nobody out, and
  // who is known already is asked for after the cards, not while they are searched for.
  const AFTER_CARDS_MS = 1000;
  let admitted = false;
  const fetchUser = async (what, options) => {
    if (admitted) await new Promise((resolve) => setTimeout(resolve, AFTER_CARDS_MS));
    for (;;) {
      try {
        const response = await fetchAny(what, options);
        admitted ||= response.ok;
        return response;
      } catch (error) {
        if (!admitted) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  };
  // Before each connection Chainlit's page sends a request, and connects when its answer comes. It
  // opens a conversation with two connections at once, of which only the second names the conversation,
  // and keeps the one that was made last. So an answer that a newer request has overtaken is not
  // handed on: its connection would replace the newer one.
  let connections = 0;
  const fetchNewest = async (what, options) => {
    const number = ++connections;
    try {
      const response = await fetchAny(what, options);
      return new Response(await response.blob(), response);
    } finally {
      if (number !== connections) await new Promise(() => {});
    }
  };
  window.fetch = (what, options) => {
    const { origin, pathname } = new URL(what?.url ?? what, window.location.href);
    if (origin !== window.location.origin) return fetchAny(what, options);
    if (pathname === `${window.pounce.root}/set-session-cookie`) return fetchNewest(what, options);
    if (pathname === `${window.pounce.root}/user`) return fetchUser(what, options);
    if (!/\/public\/elements\/\w+\.jsx$/.test(pathname)) return fetchAny(what, options);
    return once(pathname).then(() => new Response(standIn(pathname)));
  };
  once(`${window.pounce.root}/public/elements/ProductGallery.jsx`);
})();

// Chainlit's page draws the whole conversation anew for every event of its socket. What comes within
// TOGETHER_MS is handed on in one task, which React draws once.
(() => {
  const TOGETHER_MS = 25;
  const MESSAGE = '42["new_message",';
  const FIRST = '42["first_interaction",'; // an event of Socket.IO: its kind, then name and data
  // Chainlit's page takes a shopper to a new message of theirs where nothing stands behind it yet. That
  // of a button comes from the server, with what follows close behind.
  const beginsTurn = ({ data }) =>
    typeof data === "string" && data.startsWith(MESSAGE) && data.includes('"type":"user_message"');
  // Cards come before their message (turn_view.py): with it they are whole, and wait for nothing more.
  const ELEMENT = '42["element",';
  let holder = ""; // the id of that message
  const endsCards = ({ data }) => {
    if (typeof data !== "string") return false;
    if (data.startsWith(ELEMENT) && data.includes('"ProductGallery"'))
      holder = JSON.parse(data.slice(2))[1].forId;
    return holder !== "" && data.startsWith(MESSAGE) && data.includes(holder);
  };
  // Once it hears of the first message, Chainlit's page goes to the conversation's address, for which
  // it takes down all that stands and draws it anew: cards would vanish. Where the address is there
  // already, it stays.
  const hear = ({ data }) => {
    if (typeof data === "string" && data.startsWith(FIRST))
      window.pounce.giveAddress(JSON.parse(data.slice(2))[1].thread_id);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...where) {
      super(...where);
      this.addEventListener("close", () => window.pounce.checkConnection());
    }
    set onmessage(listener) {
      let waiting = [];
      const handOn = () => {
        const events = waiting;
        waiting = [];
        for (const each of events) {
          try {
            hear(each);
            listener.call(this, each);
          } catch (error) {
            reportError(error); // as in a task of its own, and the next one is heard
          }
        }
      };
      super.onmessage = (event) => {
        waiting.push(event);
        // Timers of a tab that nobody sees come late, and the server waits for an answer.
        if (document.hidden || beginsTurn(event) || endsCards(event)) handOn();
        else if (waiting.length === 1) setTimeout(handOn, TOGETHER_MS);
      };
    }
  };
})();

// What a screen reader hears: that a search runs, how many were found and the answer, once each, and
// whether there is a connection. Chainlit's page says nothing of its own.
(() => {
  const MOST = 12; // sentences that stay in the page
  const { root } = window.pounce;
  // In a closed shadow root: who looks for the words of an answer in the page finds them once.
  const host = document.createElement("div");
  host.id = "pounce-live";
  host.className = "pounce-unseen";
  const region = document.createElement("div");
  host.attachShadow({ mode: "closed" }).append(region);
  window.pounce.liveRegion = region;
  region.setAttribute("role", "status");
  region.setAttribute("aria-live", "polite");
  region.setAttribute("aria-atomic", "false");
  window.pounce.say = (words) => {
    const line = document.createElement("p");
    line.dir = "auto";
    line.textContent = words;
    region.append(line);
    while (region.children.length > MOST) region.firstChild.remove();
  };

  const lost = document.createElement("div");
  lost.id = "pounce-offline";
  lost.textContent = "No connection. Trying again…";
  lost.hidden = true;
  let checking = false;
  // Asks the server itself: a socket that closes is often replaced at once.
  const check = async () => {
    try {
      await fetch(`${root}/healthz`, { cache: "no-store" });
      checking = false;
      if (!lost.hidden) window.pounce.say("Connected again.");
      lost.hidden = true;
    } catch {
      if (lost.hidden) window.pounce.say("No connection.");
      lost.hidden = false;
      setTimeout(check, 2000);
    }
  };
  window.pounce.checkConnection = () => {
    if (checking) return;
    checking = true;
    setTimeout(check, 300);
  };
  window.addEventListener("offline", window.pounce.checkConnection);

  const place = () => document.body.append(host, lost);
  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place);
})();

// What the server tells this page alone: which conversation it is in and its address, where no socket
// can be listened to, and what is kept in it.
(() => {
  const openList = () =>
    window.pounce.callAction({ name: "open list", payload: {} }).catch(() => {}); // hearts tell it too
  window.addEventListener("message", (event) => {
    if (event.source !== window || !event.data) return;
    if (event.data.pounceSession) window.pounce.goOn(event.data.pounceSession);
    if (Array.isArray(event.data.pounceKept)) {
      const before = window.pounce.kept.size;
      window.pounce.setKept(event.data.pounceKept);
      if ((before || event.data.pounceKept.length) && window.pounce.wide()) openList();
    }
    if (event.data.pounceSaid) window.pounce.say(event.data.pounceSaid);
    if (event.data.pounceFound) window.pounceFrame?.tell("searched", event.data.pounceFound);
    if (event.data.pounceThread) window.pounce.giveAddress(event.data.pounceThread);
  });
})();

// Chainlit's icon buttons have a tooltip but no name, and its file input takes no camera.
(() => {
  const { root } = window.pounce;
  const NAMES = {
    "upload-button": "Add a photo",
    "upload-button-loading": "Add a photo",
    "chat-submit": "Send",
    "stop-button": "Stop",
    "chat-settings-open-modal": "Settings",
    "new-chat-button": "New chat",
    "theme-toggle": "Light or dark",
    "readme-button": "About",
    "user-nav-button": "Account",
    "sidebar-trigger-button": "Conversations",
    "sidebar-close-button": "Close the conversations",
    "search-chats-button": "Search conversations",
  };
  const ICONS = {
    "lucide-copy": "Copy",
    "lucide-check": "Copied",
    "lucide-thumbs-up": "Good answer",
    "lucide-thumbs-down": "Bad answer",
    "lucide-arrow-down": "To the newest message",
    "lucide-arrow-left": "Close",
    "lucide-x": "Remove",
  };

  // Words of people and shops, each in the direction of its own letters.
  const WORDS = [
    "#chat-input",
    ".message-content :is([role=article], pre, li, h1, h2, h3, td, th, blockquote)",
    "#starters button :is(span, p)",
    "li[id^=thread-] a > *",
  ].join(", ");

  function nameButtons() {
    for (const [id, label] of Object.entries(NAMES)) {
      // While one goes and another comes, two have the same id.
      for (const node of document.querySelectorAll(`[id="${id}"]:not([aria-label])`))
        node.setAttribute("aria-label", label);
    }
    for (const button of document.querySelectorAll("button:not([aria-label])")) {
      if (button.textContent.trim()) continue;
      const icon = button.querySelector("svg");
      const named = Object.keys(ICONS).find((each) => icon?.classList.contains(each));
      const drawn = [...(icon?.classList ?? [])].find((each) => each.startsWith("lucide-"));
      if (named) button.setAttribute("aria-label", ICONS[named]);
      // One that Chainlit brings anew is called as its icon is: better than no name at all.
      else if (drawn) button.setAttribute("aria-label", drawn.slice(7).replaceAll("-", " "));
    }
  }

  function name() {
    for (const node of document.querySelectorAll(WORDS)) if (!node.dir) node.dir = "auto";
    nameButtons();
    // Chainlit marks only a conversation that its own router went to.
    for (const entry of document.querySelectorAll("li[id^=thread-]")) {
      const open = window.location.pathname === `${root}/${entry.id.replace("-", "/")}`;
      entry.querySelector("[data-sidebar=menu-button]")?.setAttribute("data-active", open);
      const link = entry.querySelector("a");
      if (open) link?.setAttribute("aria-current", "page");
      else link?.removeAttribute("aria-current");
    }
    // Of every conversation in the sidebar: a part of its link, no button of its own, says Chainlit
    // by where it stands. What only buttons may say is taken from it; a mouse opens it as before.
    for (const menu of document.querySelectorAll("div[id=thread-options][aria-expanded]")) {
      menu.removeAttribute("aria-expanded");
      menu.removeAttribute("aria-haspopup");
    }
    // A link of the header stands in a button that does nothing: the link alone is to be reached.
    for (const around of document.querySelectorAll("button:has(a[href]):not([role])")) {
      around.setAttribute("role", "group");
      around.setAttribute("tabindex", "-1");
      const link = around.querySelector("a[href]");
      const called = link.textContent.trim() || link.querySelector("img")?.alt || link.title;
      around.setAttribute("aria-label", called || "Your data");
      link.setAttribute("aria-label", called || "Your data");
    }
    // Lists of days whose children are no list items.
    for (const list of document.querySelectorAll("ul[data-sidebar=menu]")) {
      list.setAttribute("role", "group");
      for (const item of list.querySelectorAll("li")) item.setAttribute("role", "none");
    }
    for (const slider of document.querySelectorAll("[role=slider]:not([aria-label])")) {
      const field = slider.closest("div:has(label)");
      // The label's first words; behind them stands the value.
      const label = field?.querySelector("label").firstChild;
      if (label) slider.setAttribute("aria-label", label.textContent);
    }
    for (const handle of document.querySelectorAll("[role=separator][aria-controls]")) {
      // It names a panel by an id that Chainlit does not give it.
      if (!document.getElementById(handle.getAttribute("aria-controls")))
        handle.removeAttribute("aria-controls");
      handle.setAttribute("aria-label", "Width of the side panel");
    }
    const title = document.getElementById("side-view-title");
    const sheet = title?.closest("[role=dialog]");
    if (sheet) sheet.setAttribute("aria-labelledby", title.id);
    const input = document.getElementById("chat-input");
    if (input && !input.getAttribute("aria-label")) {
      input.setAttribute("role", "textbox");
      input.setAttribute("aria-multiline", "true");
      input.setAttribute("aria-label", "What are you looking for?");
    }
    camera();
  }

  function camera() {
    const attach = document.getElementById("upload-button");
    if (!attach || document.getElementById("pounce-camera")) return;
    if (!window.matchMedia("(pointer: coarse)").matches) return;
    const input = document.createElement("input");
    input.type = "file";
    input.accept = "image/*";
    input.setAttribute("capture", "environment");
    input.hidden = true;
    input.id = "pounce-camera-input";
    input.addEventListener("change", () => {
      // Handed on to Chainlit's own input, which uploads it and shows the preview.
      const theirs = document.getElementById("upload-button-input");
      if (!theirs || !input.files.length) return;
      theirs.files = input.files;
      theirs.dispatchEvent(new Event("change", { bubbles: true }));
      input.value = "";
    });
    const button = document.createElement("button");
    button.type = "button";
    button.id = "pounce-camera";
    button.className = attach.className;
    button.setAttribute("aria-label", "Take a photo");
    button.innerHTML =
      '<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor"' +
      ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">' +
      '<path d="M14.5 4h-5L7 7H4a2 2 0 0 0-2 2v9a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V9a2 2 0 0' +
      ' 0-2-2h-3z"/><circle cx="12" cy="13" r="3"/></svg>';
    button.addEventListener("click", () => input.click());
    const place = attach.parentElement;
    place.after(input, button);
  }

  let waiting = false;
  const watch = () => {
    name();
    new MutationObserver(() => {
      nameButtons(); // nobody hears of one without a name
      if (waiting) return;
      waiting = true;
      setTimeout(() => {
        waiting = false;
        name();
      }, 150);
    }).observe(document.body, { childList: true, subtree: true });
  };
  if (document.body) watch();
  else document.addEventListener("DOMContentLoaded", watch);
})();

// A spreadsheet lays an image of its cells on the clipboard beside their text. Chainlit would attach
// that image as a photo: what has text is pasted as text alone, by the browser itself.
document.addEventListener(
  "paste",
  (event) => {
    const pasted = event.clipboardData;
    if (pasted?.files.length && pasted.getData("text/plain").trim()) event.stopPropagation();
  },
  true,
);

// What a link ("/?q=WORDS&like=ID") or the page around the chat begins. A list of one product, and a
// question, go to the server, which looks ids up and shows the question as the shopper's own message.
(() => {
  const { pounce } = window;
  let ids = []; // names for the product of the shop's page, the best first
  let greeted = ""; // the session and the names that were greeted with
  let last = Promise.resolve(); // one thing after another
  const after = (step) => {
    last = last.then(step).catch(() => {}); // the chat is there without it
  };
  const look = async () => {
    if (!ids.length) return;
    const now = `${await pounce.session()} ${ids}`;
    await pounce.callAction({ name: "look", payload: { ids, greet: now !== greeted } });
    greeted = now;
  };
  pounce.look = (names) => {
    ids = names;
    after(look);
  };
  pounce.onSession(() => after(look)); // a new chat, or a server that was started again
  pounce.ask = ({ text = "", like = "", photo = null }) =>
    after(async () => {
      const session = await pounce.session();
      const files = [];
      if (photo) {
        const form = new FormData();
        form.append("file", photo, photo.name ?? "photo");
        const path = `${pounce.root}/project/file?session_id=${session}`;
        const answer = await fetch(path, { method: "POST", body: form });
        const { id, detail } = await answer.json();
        if (id) files.push(id);
        else pounce.say(detail);
      }
      await pounce.callAction({ name: "ask", payload: { text, like, files } });
    });

  const { pathname, search } = window.location;
  const query = new URLSearchParams(search);
  const [text, like] = [query.get("q") ?? "", query.get("like") ?? ""];
  if (pathname === `${pounce.root}/` && (text || like)) {
    // Without it, so that a reload does not ask again.
    window.history.replaceState(window.history.state, "", pathname);
    pounce.ask({ text, like });
  }
})();
