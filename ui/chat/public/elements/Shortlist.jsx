// What the shopper keeps, in the side panel. Props come from ui/chat/cards/shortlist_panel.py, the spreadsheet too.
import { useEffect } from "react";
import { toast } from "sonner";
import { Download, ImageOff, Images, Scale, Trash2 } from "lucide-react";

const shared = window.pounce;
const MOST_COMPARED = 6;

async function act(name, payload) {
  try {
    const { response = {} } = (await shared.callAction({ name, payload })) ?? {};
    if (response.said) toast.error(response.said);
    if (response.gone?.length) toast.error("This product is no longer in the shop.");
    if (response.kept) shared.setKept(response.kept);
  } catch (error) {
    toast.error("That did not work. Please reload the page and try again.");
  }
}

function pick(what, ids, numbers) {
  const payload = { act: what, listId: "", ids, numbers, limits: {} };
  if (shared.fresh(JSON.stringify(payload))) act("pick", payload);
}

function download() {
  // The mark at the start tells spreadsheets that it is UTF-8.
  const address = URL.createObjectURL(new Blob(["\ufeff", props.csv], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "your-list.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function Row({ card, ids, place }) {
  return (
    <li data-testid="kept" data-product-id={card.id}>
      {card.image ? (
        <img src={card.image} alt={card.alt} />
      ) : (
        <div className="pounce-picture-missing" role="img" aria-label="No picture">
          <ImageOff aria-hidden="true" size={18} />
        </div>
      )}
      <div className="pounce-kept-facts">
        <span className="pounce-title" dir="auto">
          {card.title}
        </span>
        {card.gone ? (
          <span className="pounce-gone">No longer in the shop</span>
        ) : (
          <span className="pounce-faint">{card.price}</span>
        )}
      </div>
      <span className="pounce-wishes">
        {card.gone ? null : (
          <button
            type="button"
            className="pounce-wish"
            title="More like this"
            aria-label={`More like this: ${card.title}`}
            onClick={() => pick("more like", ids, [place + 1])}
          >
            <Images aria-hidden="true" />
          </button>
        )}
        <button
          type="button"
          className="pounce-wish"
          title="Remove"
          aria-label={`Remove: ${card.title}`}
          onClick={() => act("let go", { id: card.id, wide: true })}
        >
          <Trash2 aria-hidden="true" />
        </button>
      </span>
    </li>
  );
}

export default function Shortlist() {
  const ids = props.cards.map((card) => card.id);
  const there = props.cards.filter((card) => !card.gone).map((card) => card.id);
  useEffect(() => shared.setKept(ids), [ids.join("\n")]);
  if (!ids.length) {
    return (
      <p className="pounce-faint" data-testid="shortlist">
        Nothing is kept yet. The heart on a card keeps it here.
      </p>
    );
  }
  const comparable = there.length > 1 && there.length <= MOST_COMPARED;
  return (
    <section className="pounce-shortlist" aria-label="Your list" data-testid="shortlist">
      <ul>
        {props.cards.map((card, i) => (
          <Row key={card.id} card={card} ids={ids} place={i} />
        ))}
      </ul>
      <div className="pounce-chips">
        {comparable ? (
          <button
            type="button"
            className="pounce-chip"
            onClick={() => pick("compare", there, there.map((_, i) => i + 1))}
          >
            <Scale aria-hidden="true" size={16} /> Compare all
          </button>
        ) : null}
        <button type="button" className="pounce-chip" onClick={download}>
          <Download aria-hidden="true" size={16} /> Save as CSV
        </button>
      </div>
    </section>
  );
}
