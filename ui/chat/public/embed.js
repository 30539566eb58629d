// The chat in a frame on one of the shop's pages. Runs before every other script of the page, where
// the settings list origins that may frame it. The other end is ui/chat/web/widget.js.

// Where a browser blocks what a frame of another site stores, it throws; Chainlit reads it unasked.
for (const name of ["localStorage", "sessionStorage"]) {
  try {
    window[name].getItem("pounce");
  } catch {
    const kept = new Map();
    const value = {
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, text) => kept.set(String(key), String(text)),
      removeItem: (key) => kept.delete(String(key)),
      clear: () => kept.clear(),
      key: (place) => [...kept.keys()][place] ?? null,
      get length() {
        return kept.size;
      },
    };
    Object.defineProperty(window, name, { value });
  }
}

(() => {
  const shop = window.parent;
  if (shop === window) return;
  // Chainlit hands on to its parent, whoever that is, what the server tells this page alone.
  window.parent = window;

  const LONGEST = 200_000; // characters of JSON-LD that are read
  const listed = document.querySelector("meta[name=pounce-embed]").content.split(" ");
  const { origin } = window.location;
  const root = new URL(document.currentScript.src).pathname.split("/public/")[0];
  let from = ""; // the origin of the page around, once it has spoken
  const tell = (pounce) => from && shop.postMessage({ pounce }, from);

  // The address of the conversation, so that the next page of the shop opens it again.
  const at = () => tell({ at: window.location.pathname.slice(root.length) || "/" });
  for (const name of ["pushState", "replaceState"]) {
    const change = history[name].bind(history);
    history[name] = (...where) => {
      change(...where);
      at();
    };
  }

  // The ids of the one product that a page's JSON-LD describes; [] for none and for several.
  const described = (texts) => {
    const found = [];
    const walk = (node) => {
      if (Array.isArray(node)) node.forEach(walk);
      else if (node && typeof node === "object") {
        const kinds = [node["@type"]].flat().map((kind) => String(kind).split("/").pop());
        if (kinds.includes("Product") || kinds.includes("ProductGroup")) found.push(node);
        else [node["@graph"], node.mainEntity].forEach(walk);
      }
    };
    for (const text of texts) {
      try {
        if (text.length <= LONGEST) walk(JSON.parse(text));
      } catch {
        // Somebody else's page: what cannot be read says nothing.
      }
    }
    if (found.length !== 1) return [];
    const [{ productID, sku, productGroupID, mpn }] = found;
    return [productID, sku, productGroupID, mpn].flat();
  };

  const strings = (values) =>
    [values].flat().filter((each) => ["string", "number"].includes(typeof each) && each !== "");

  // Registered before Chainlit's own listener, which sends all it hears over its socket.
  window.addEventListener("message", (event) => {
    if (event.source === window) return;
    event.stopImmediatePropagation();
    const said = event.data?.pounce;
    if (event.source !== shop || !listed.includes(event.origin) || !said) return;
    from = event.origin;
    at();
    if (said.page) {
      const told = strings(said.page.product);
      const ids = told.length ? told : strings(described([said.page.ld ?? []].flat()));
      window.pounce.look([...new Set(ids.map(String))].slice(0, 8));
    }
    if (said.ask) {
      const { text, like, photo } = said.ask;
      window.pounce.ask({
        text: strings(text).join(),
        like: strings(like).join(),
        photo: photo instanceof Blob ? photo : null,
      });
    }
  });

  // Escape closes what is open on this page first. Keys that are pressed here do not reach the shop's.
  window.addEventListener(
    "keydown",
    (event) => {
      const open = document.querySelector("[role=dialog], [role=menu], [role=listbox]");
      if (event.key === "Escape" && !open && !event.isComposing) tell({ close: true });
    },
    true,
  );

  window.pounceFrame = {
    // Something that the shop's page may hear of, in its own words.
    tell: (name, detail) => tell({ event: name, detail }),
    // Whether an address is the shop's own: it opens where the shopper is, with the chat beside it.
    holds: (address) => from !== "" && new URL(address, origin).origin === from,
  };
})();
