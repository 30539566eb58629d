// The products found, as cards. Props come ready to show from ui/chat/cards.py; titles are
// strangers' text, so everything is placed as plain text and nothing as HTML.
import { useState } from "react";
import { ImageOff } from "lucide-react";

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
          {card.reason ? <p className="pounce-reason">{card.reason}</p> : null}
        </div>
      </article>
    </li>
  );
}

export default function ProductGallery() {
  return (
    <section className="pounce-gallery" aria-label={props.label} data-testid="product-gallery">
      <ul>
        {props.cards.map((card) => (
          <Card key={card.id} card={card} />
        ))}
      </ul>
    </section>
  );
}
