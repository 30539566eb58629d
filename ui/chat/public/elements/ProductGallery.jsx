// The products found, as cards. Props come ready to show from ui/chat/cards/props.py; titles are
// strangers' text, so everything is placed as plain text and nothing as HTML.
//
// Chainlit mounts this anew when its props change, and now and then when they do not. So nothing is
// remembered in it: where a card moved from is in its own props, and what the shopper has begun is
// kept on the page (pounce.js), where a gallery that is mounted in between goes on from.
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "react";
import { toast } from "sonner";
import {
  ExternalLink,
  Heart,
  ImageOff,
  Images,
  Scale,
  ShoppingCart,
  ThumbsDown,
  X,
} from "lucide-react";
import { Dialog, DialogContent, DialogDescription, DialogTitle } from "@/components/ui/dialog";

const MOVE = { duration: 520, easing: "cubic-bezier(0.2, 0.7, 0.2, 1)", fill: "backwards" };
const OLD = 5 * 60 * 1000;
const MOST_COMPARED = 6;

const shared = window.pounce;

// Draws anew when something that the elements share has changed.
function useShared() {
  const [, draw] = useReducer((n) => n + 1, 0);
  useEffect(() => shared.subscribe(draw), []);
}

async function act(name, payload) {
  try {
    const answer = await shared.callAction({ name, payload });
    const response = answer?.response ?? {};
    if (response.said) toast.error(response.said);
    if (response.gone?.length) {
      response.gone.forEach((id) => shared.gone.add(id));
      shared.changed();
      if (name !== "gone") toast.error("This product is no longer in the shop.");
    }
    if (response.kept) shared.setKept(response.kept);
    return response;
  } catch (error) {
    toast.error("That did not work. Please reload the page and try again.");
    return {};
  }
}

function pick(what, numbers = [], limits = {}) {
  const payload = {
    act: what,
    listId: props.listId,
    ids: props.cards.map((card) => card.id),
    numbers,
    limits,
  };
  if (shared.fresh(JSON.stringify(payload))) act("pick", payload);
}

async function keep(card) {
  const isKept = shared.kept.has(card.id);
  const payload = { id: card.id, wide: shared.wide() };
  const response = isKept
    ? await act("let go", payload)
    : await act("keep", { ...payload, number: card.number });
  if (!response.kept) return;
  // Beside the open list it says nothing that cannot be seen.
  if (payload.wide) return;
  const said = isKept ? "Taken off your list." : `Kept. ${response.kept.length} on your list.`;
  toast(said, { duration: 2000 });
}

function comparing() {
  return shared.picked.get(props.listId) ?? [];
}

function toggleCompared(card) {
  const ids = comparing();
  const without = ids.filter((id) => id !== card.id);
  if (without.length === ids.length && ids.length >= MOST_COMPARED) {
    toast.error(`At most ${MOST_COMPARED} products are compared at once.`);
    return;
  }
  shared.picked.set(props.listId, without.length < ids.length ? without : [...ids, card.id]);
  shared.changed();
}

// First, last, invert, play: each card starts in the cell it had before and slides to its own.
function useMoves(list) {
  useLayoutEffect(() => {
    if (!props.ranked || !list.current) return;
    const begun = shared.moves;
    if (!begun.has(props.listId)) {
      // An old conversation that is opened again has moved long ago.
      const old = Date.now() - props.shownAt > 10 * MOVE.duration;
      begun.set(props.listId, old ? -Infinity : performance.now());
    }
    const elapsed = performance.now() - begun.get(props.listId);
    if (elapsed >= MOVE.duration) return;
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const items = [...list.current.children];
    const cells = items.map((item) => item.getBoundingClientRect());
    props.cards.forEach((card, i) => {
      const from = cells[card.was - 1];
      if (!from || card.was === card.number) return;
      const x = from.left - cells[i].left;
      const y = from.top - cells[i].top;
      const frames = [{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }];
      items[i].animate(frames, MOVE).currentTime = elapsed;
    });
  }, []);
}

function Picture({ src, alt, eager }) {
  const [missing, setMissing] = useState(!src);
  useEffect(() => setMissing(!src), [src]);
  if (missing) {
    return (
      <div className="pounce-picture pounce-picture-missing" role="img" aria-label="No picture">
        <ImageOff aria-hidden="true" />
      </div>
    );
  }
  return (
    <div className="pounce-picture">
      <img src={src} alt={alt} decoding="async" onError={() => setMissing(true)} />
    </div>
  );
}

function Rating({ card }) {
  if (!card.rating) return null;
  return (
    <div className="pounce-rating" role="img" aria-label={card.ratingLabel}>
      <span className="pounce-stars" aria-hidden="true">
        <span className="pounce-stars-full" style={{ width: `${card.ratingPercent}%` }} />
      </span>
      <span aria-hidden="true">{card.rating}</span>
      {card.ratingCount ? (
        <span className="pounce-faint" aria-hidden="true">
          ({card.ratingCount})
        </span>
      ) : null}
    </div>
  );
}

// What is paid, and what it cost before a sale, where the shop states that.
function Price({ form, priced = true }) {
  return (
    <div className={priced ? "pounce-price" : "pounce-price pounce-faint"}>
      {form.price}
      {form.priceWas ? (
        <>
          {" "}
          <span className="pounce-hidden">, before: </span>
          <s className="pounce-was">{form.priceWas}</s>
        </>
      ) : null}
    </div>
  );
}

function Stock({ form }) {
  if (!form.availability) return null;
  return (
    <div className={form.soldOut ? "pounce-stock pounce-stock-gone" : "pounce-stock"}>
      {form.availability}
    </div>
  );
}

const HEARD_MS = 150;

// A link of the shop's own page or cart, in a tab of its own. Whoever follows it is not named.
function ShopLink({ card, form, cart }) {
  const address = cart ? form.cart : form.link;
  if (!address || !/^(https?:\/\/|\/)/i.test(address)) return null;
  const Icon = cart ? ShoppingCart : ExternalLink;
  const label = cart ? "Add to the shop's cart" : "View in the shop";
  const variant = form.id && form.id !== card.id ? form.id : "";
  // Around the chat in a frame stands a page of the shop: its own links open there.
  const frame = window.pounceFrame;
  const here = frame?.holds(address);
  const tell = () => {
    const { id, number } = card;
    frame?.tell(cart ? "added" : "clicked", { product: id, variant, number });
    shared
      .callAction({
        name: "click",
        payload: {
          turn: props.turn ?? "",
          listId: props.listId ?? "",
          id: card.id,
          number: card.number,
          variant,
          cart: Boolean(cart),
        },
      })
      .catch(() => {}); // it is a count, and the page is opened all the same
  };
  const follow = (event) => {
    tell();
    if (!here || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // The shop's page hears of it before another one comes in its place.
    event.preventDefault();
    setTimeout(() => window.open(address, "_top"), HEARD_MS);
  };
  return (
    <a
      className={cart ? "pounce-link pounce-cart" : "pounce-link"}
      data-testid={cart ? "cart-link" : "shop-link"}
      href={address}
      target={here ? "_top" : "_blank"}
      rel="noopener"
      aria-label={`${label}: number ${card.number}, ${card.title}${here ? "" : " (opens in a new tab)"}`}
      onClick={follow}
      onAuxClick={(event) => event.button === 1 && tell()}
    >
      <Icon aria-hidden="true" size={15} /> {label}
    </a>
  );
}

// The same four wishes on a card, as icons, and in the larger view, with their words.
function Buttons({ card, words, after = () => {} }) {
  const isKept = shared.kept.has(card.id);
  const isPicked = comparing().includes(card.id);
  const wishes = [
    ["like", "More like this", Images, () => pick("more like", [card.number])],
    ["compare", "Compare", Scale, () => toggleCompared(card), isPicked],
    ["keep", "Keep", Heart, () => keep(card), isKept],
  ];
  if (props.changes) {
    wishes.push(["not", "Not this", ThumbsDown, () => pick("not this", [card.number])]);
  }
  return (
    <div className={words ? "pounce-wishes pounce-wishes-words" : "pounce-wishes"}>
      {wishes.map(([key, label, Icon, wish, on]) => (
        <button
          key={key}
          type="button"
          className="pounce-wish"
          data-wish={key}
          title={words ? undefined : label}
          aria-label={`${label}: number ${card.number}`}
          aria-pressed={on === undefined ? undefined : on}
          onClick={() => {
            wish();
            if (key !== "keep") after();
          }}
        >
          <Icon aria-hidden="true" fill={on && key === "keep" ? "currentColor" : "none"} />
          {words ? <span>{on && key === "keep" ? "Kept" : label}</span> : null}
        </button>
      ))}
    </div>
  );
}

function Card({ card, open }) {
  const isGone = shared.gone.has(card.id);
  return (
    <li>
      <article
        className={isGone ? "pounce-card pounce-card-gone" : "pounce-card"}
        aria-label={card.label}
        data-testid="product-card"
        data-product-id={card.id}
        data-number={card.number}
      >
        <span className="pounce-number" aria-hidden="true">
          {card.number}
        </span>
        <Picture src={card.image} alt={card.alt} />
        <div className="pounce-facts">
          {card.category ? <div className="pounce-category" dir="auto">
              {card.category}
            </div> : null}
          <h3 className="pounce-title" title={card.title} dir="auto">
            <button
              type="button"
              className="pounce-open"
              aria-haspopup="dialog"
              aria-label={`Number ${card.number}, ${card.title}: show all facts`}
              onClick={() => open(card)}
            >
              {card.title}
            </button>
          </h3>
          <Rating card={card} />
          {card.choices ? <div className="pounce-choices">{card.choices}</div> : null}
          {isGone ? (
            <p className="pounce-gone">No longer in the shop</p>
          ) : (
            <>
              <Stock form={card} />
              <Price form={card} priced={card.priced} />
              <ShopLink card={card} form={{ ...card, id: card.chosen }} />
            </>
          )}
          {card.moved ? <div className="pounce-moved">{card.moved}</div> : null}
          {card.reason ? (
            <p className="pounce-reason" dir="auto">
              {card.reason}
            </p>
          ) : null}
        </div>
        {isGone ? null : <Buttons card={card} />}
      </article>
    </li>
  );
}

// The variant that has this value, as near as can be to the one that is chosen.
function choose(card, chosen, place, value) {
  const near = (variant) =>
    variant.values.filter((each, i) => i !== place && each === chosen.values[i]).length * 2 +
    (variant.soldOut ? 0 : 1);
  const having = card.variants.filter((variant) => variant.values[place] === value);
  return having.reduce((best, each) => (near(each) > near(best) ? each : best), having[0]);
}

// The options of a product, those that are sold out struck through. A value is judged beside the
// other values that are chosen.
function Options({ card, chosen, setChosen }) {
  return card.options.map((option, place) => (
    <div key={option.name} className="pounce-option" role="group" aria-label={option.name}>
      <span className="pounce-option-name" aria-hidden="true">
        {option.name}
      </span>
      {option.values.map((value) => {
        const variant = card.variants.find((each) =>
          each.values.every((own, i) => own === (i === place ? value : chosen.values[i])),
        );
        const gone = variant ? variant.soldOut : false;
        const Word = gone ? "s" : "span";
        return (
          <button
            key={value}
            type="button"
            className={variant ? "pounce-value" : "pounce-value pounce-value-apart"}
            data-testid="option-value"
            aria-label={gone ? `${value}, sold out` : variant ? value : `${value}, with other choices`}
            aria-pressed={chosen.values[place] === value}
            onClick={() => setChosen(choose(card, chosen, place, value) ?? chosen)}
          >
            <Word>{value}</Word>
          </button>
        );
      })}
    </div>
  ));
}

function Large({ card, close, opener }) {
  const variants = card.variants ?? [];
  const [shown, setShown] = useState(0);
  const [chosen, choseVariant] = useState(
    variants.find((each) => each.id === card.chosen) ??
      variants.find((each) => !each.soldOut) ??
      variants[0] ??
      null,
  );
  const setChosen = (variant) => {
    choseVariant(variant);
    setShown(0);
  };
  const form = chosen ?? { ...card, id: "" };
  const pictures = chosen?.picture ? [chosen.picture, ...card.pictures] : card.pictures;
  const isGone = shared.gone.has(card.id);
  return (
    <DialogContent
      className="pounce-large"
      data-testid="large-view"
      onCloseAutoFocus={(event) => {
        event.preventDefault();
        opener()?.focus();
      }}
    >
      <div className="pounce-large-pictures">
        <Picture
          src={pictures[shown] ?? ""}
          alt={shown ? `${card.alt}, picture ${shown + 1}` : card.alt}
        />
        {pictures.length > 1 ? (
          <div className="pounce-thumbs" role="group" aria-label="Pictures">
            {pictures.map((address, i) => (
              <button
                key={address}
                type="button"
                aria-label={`Picture ${i + 1} of ${pictures.length}`}
                aria-pressed={i === shown}
                onClick={() => setShown(i)}
              >
                <img src={address.replace(/w=\d+/, "w=384")} alt="" loading="lazy" />
              </button>
            ))}
          </div>
        ) : null}
      </div>
      <div className="pounce-large-facts">
        <DialogTitle className="pounce-large-title" dir="auto">
          {card.title}
        </DialogTitle>
        <Rating card={card} />
        {isGone ? (
          <p className="pounce-gone">No longer in the shop</p>
        ) : (
          <>
            <div role="status" data-testid="chosen">
              <Price form={form} priced={chosen ? true : card.priced} />
              <Stock form={form} />
            </div>
            {chosen ? <Options card={card} chosen={chosen} setChosen={setChosen} /> : null}
            <div className="pounce-links">
              <ShopLink card={card} form={form} />
              {form.soldOut ? null : <ShopLink card={card} form={form} cart />}
            </div>
          </>
        )}
        <dl className="pounce-list-of-facts">
          {card.facts.map(([name, value]) => (
            <div key={name}>
              <dt dir="auto">{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
        {card.reason ? (
            <p className="pounce-reason" dir="auto">
              {card.reason}
            </p>
          ) : null}
        <DialogDescription className="pounce-description" dir="auto">
          {card.description || "The shop says no more about it."}
        </DialogDescription>
        {isGone ? null : <Buttons card={card} words after={close} />}
      </div>
    </DialogContent>
  );
}

function Skeletons() {
  return (
    <section className="pounce-gallery" aria-label="Searching" aria-busy="true">
      <ul aria-hidden="true" data-testid="skeletons">
        {Array.from({ length: props.searching }, (_, i) => (
          <li key={i}>
            <div className="pounce-card pounce-skeleton">
              <div className="pounce-picture" />
              <div className="pounce-facts">
                <div style={{ width: "40%" }} />
                <div style={{ width: "90%" }} />
                <div style={{ width: "60%" }} />
                <div style={{ width: "30%" }} />
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function CompareBar() {
  const ids = comparing();
  if (!ids.length) return null;
  const numbers = props.cards.filter((card) => ids.includes(card.id)).map((card) => card.number);
  const clear = () => {
    shared.picked.delete(props.listId);
    shared.changed();
  };
  const many = numbers.length > 1;
  return (
    <div className="pounce-compare-bar" role="status">
      <span>
        {many ? `${numbers.length} picked` : `Number ${numbers[0]} picked. Pick another to compare.`}
      </span>
      {many ? (
        <button
          type="button"
          className="pounce-chip pounce-chip-strong"
          onClick={() => {
            clear();
            pick("compare", numbers);
          }}
        >
          Compare {numbers.join(" and ")}
        </button>
      ) : null}
      <button type="button" className="pounce-chip" aria-label="Pick none" onClick={clear}>
        <X aria-hidden="true" size={16} />
      </button>
    </div>
  );
}

function Chips() {
  const count = shared.kept.size;
  if (!props.chips.length && !count) return null;
  return (
    <div className="pounce-chips" role="group" aria-label="Narrow down">
      {props.chips.map((chip) => (
        <button
          key={chip.label}
          type="button"
          className="pounce-chip"
          data-testid="chip"
          onClick={() => pick("refine", [], chip.limits)}
        >
          <bdi>{chip.label}</bdi>
        </button>
      ))}
      {count ? (
        <button
          type="button"
          className="pounce-chip pounce-chip-list"
          onClick={() => act("open list", {})}
        >
          <Heart aria-hidden="true" size={15} fill="currentColor" /> Your list ({count})
        </button>
      ) : null}
    </div>
  );
}

function Cards() {
  const list = useRef(null);
  const [, draw] = useReducer((n) => n + 1, 0);
  useShared();
  useMoves(list);
  useEffect(() => {
    const ids = props.cards.map((card) => card.id);
    if (Date.now() - props.shownAt > OLD) act("gone", { ids });
  }, []);
  const show = (card) => {
    if (card) {
      shared.opened.set(props.listId, card.id);
      last.current = props.cards.indexOf(card);
    } else shared.opened.delete(props.listId);
    draw();
  };
  // The card that was shown large: the focus goes back to it.
  const last = useRef(null);
  const opener = () => list.current?.children[last.current]?.querySelector(".pounce-open");
  const large = props.cards.find((card) => card.id === shared.opened.get(props.listId));
  return (
    <section
      className={props.ranked ? "pounce-gallery pounce-ranked" : "pounce-gallery"}
      aria-label={props.label}
      data-testid="product-gallery"
    >
      <ul ref={list}>
        {props.cards.map((card) => (
          <Card key={card.id} card={card} open={show} />
        ))}
      </ul>
      <CompareBar />
      <Chips />
      <Dialog open={Boolean(large)} onOpenChange={(open) => open || show(null)}>
        {large ? <Large card={large} close={() => show(null)} opener={opener} /> : null}
      </Dialog>
    </section>
  );
}

export default function ProductGallery() {
  return props.searching ? <Skeletons /> : <Cards />;
}
