// The products found, as cards. Props come ready to show from ui/chat/cards.py; titles are
// strangers' text, so everything is placed as plain text and nothing as HTML.
//
// Chainlit mounts this anew when its props change, and now and then when they do not. So nothing is
// remembered in it: where a card moved from is in its own props, and since when a list moves is
// kept on the page, where a gallery that is mounted in mid-move goes on from.
import { useLayoutEffect, useRef, useState } from "react";
import { ImageOff } from "lucide-react";

const MOVE = { duration: 520, easing: "cubic-bezier(0.2, 0.7, 0.2, 1)", fill: "backwards" };

// First, last, invert, play: each card starts in the cell it had before and slides to its own.
function useMoves(list) {
  useLayoutEffect(() => {
    if (!props.ranked) return;
    const begun = (window.pounceMoves ??= new Map());
    if (!begun.has(props.listId)) begun.set(props.listId, performance.now());
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

function Picture({ card }) {
  const [missing, setMissing] = useState(!card.image);
  if (missing) {
    return (
      <div className="pounce-picture pounce-picture-missing" role="img" aria-label="No picture">
        <ImageOff aria-hidden="true" />
      </div>
    );
  }
  return (
    <div className="pounce-picture">
      <img src={card.image} alt={card.alt} decoding="async" onError={() => setMissing(true)} />
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

function Card({ card }) {
  return (
    <li>
      <article
        className="pounce-card"
        tabIndex={0}
        aria-label={card.label}
        data-testid="product-card"
        data-product-id={card.id}
        data-number={card.number}
      >
        <span className="pounce-number" aria-hidden="true">
          {card.number}
        </span>
        <Picture card={card} />
        <div className="pounce-facts">
          {card.category ? <div className="pounce-category">{card.category}</div> : null}
          <h3 className="pounce-title" title={card.title}>
            {card.title}
          </h3>
          <Rating card={card} />
          <div className={card.priced ? "pounce-price" : "pounce-price pounce-faint"}>
            {card.price}
          </div>
          {card.moved ? <div className="pounce-moved">{card.moved}</div> : null}
          {card.reason ? <p className="pounce-reason">{card.reason}</p> : null}
        </div>
      </article>
    </li>
  );
}

export default function ProductGallery() {
  const list = useRef(null);
  useMoves(list);
  return (
    <section
      className={props.ranked ? "pounce-gallery pounce-ranked" : "pounce-gallery"}
      aria-label={props.label}
      data-testid="product-gallery"
    >
      <ul ref={list}>
        {props.cards.map((card) => (
          <Card key={card.id} card={card} />
        ))}
      </ul>
    </section>
  );
}
