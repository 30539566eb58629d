// Products side by side, what differs marked. Props come from ui/chat/cards/props.py; every value is a
// stranger's text and placed as plain text. The roles are written out, since the narrow layout lays
// the table's rows out anew, which would take them away.
import { useEffect, useReducer } from "react";
import { toast } from "sonner";
import { Heart, Images, ImageOff } from "lucide-react";

const shared = window.pounce;

async function act(name, payload) {
  try {
    const { response = {} } = (await window.pounce.callAction({ name, payload })) ?? {};
    if (response.said) toast.error(response.said);
    if (response.gone?.length) toast.error("This product is no longer in the shop.");
    if (response.kept) shared.setKept(response.kept);
  } catch (error) {
    toast.error("That did not work. Please reload the page and try again.");
  }
}

function moreLike(place) {
  const ids = props.cards.map((card) => card.id);
  const payload = { act: "more like", listId: "", ids, numbers: [place + 1], limits: {} };
  if (shared.fresh(JSON.stringify(payload))) act("pick", payload);
}

function keep(card) {
  const isKept = shared.kept.has(card.id);
  const payload = { id: card.id, wide: shared.wide() };
  act(isKept ? "let go" : "keep", isKept ? payload : { ...payload, number: card.number });
}

function Head({ card, place }) {
  const isKept = shared.kept.has(card.id);
  return (
    <th scope="col" role="columnheader">
      <div className="pounce-compare-head">
        <span className="pounce-number" aria-hidden="true">
          {card.number}
        </span>
        {card.image ? (
          <img src={card.image} alt={card.alt} />
        ) : (
          <div className="pounce-picture-missing" role="img" aria-label="No picture">
            <ImageOff aria-hidden="true" />
          </div>
        )}
        <span className="pounce-title" dir="auto">
          {card.title}
        </span>
        <span className="pounce-wishes">
          <button
            type="button"
            className="pounce-wish"
            title="More like this"
            aria-label={`More like this: number ${card.number}`}
            onClick={() => moreLike(place)}
          >
            <Images aria-hidden="true" />
          </button>
          <button
            type="button"
            className="pounce-wish"
            data-wish="keep"
            title="Keep"
            aria-label={`Keep: number ${card.number}`}
            aria-pressed={isKept}
            onClick={() => keep(card)}
          >
            <Heart aria-hidden="true" fill={isKept ? "currentColor" : "none"} />
          </button>
        </span>
      </div>
    </th>
  );
}

export default function CompareTable() {
  const [, draw] = useReducer((n) => n + 1, 0);
  useEffect(() => shared.subscribe(draw), []);
  return (
    <div
      className="pounce-compare"
      role="region"
      aria-label={props.label}
      tabIndex={0}
      data-testid="compare-table"
    >
      <table role="table" style={{ "--columns": props.cards.length }}>
        <thead role="rowgroup">
          <tr role="row">
            <td role="cell" className="pounce-corner">
              <span className="pounce-differs-mark" aria-hidden="true" /> differs
            </td>
            {props.cards.map((card, i) => (
              <Head key={card.id} card={card} place={i} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {props.facts.map((fact) => (
            <tr role="row" key={fact.name} data-differs={fact.differs}>
              <th scope="row" role="rowheader">
                {fact.name}
                {fact.differs ? (
                  <>
                    <span className="pounce-differs-mark" aria-hidden="true" />
                    <span className="sr-only"> (differs)</span>
                  </>
                ) : null}
              </th>
              {fact.values.map((value, i) => (
                <td role="cell" key={i} dir="auto">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
