// What a search goes by, each taken back by a click. Props come from ui/chat/cards/props.py.
import { toast } from "sonner";
import { X } from "lucide-react";

async function takeBack(tag) {
  const { listId, ids } = props;
  const act = tag.act ?? "relax";
  const payload = { act, listId, ids, numbers: [], limits: tag.limits };
  if (!window.pounce.fresh(JSON.stringify(payload))) return;
  try {
    const answer = await window.pounce.callAction({ name: "pick", payload });
    if (answer?.response?.said) toast.error(answer.response.said);
  } catch (error) {
    toast.error("That did not work. Please reload the page and try again.");
  }
}

export default function FilterTags() {
  if (!props.tags.length) return null;
  return (
    <div className="pounce-chips" role="group" aria-label="Filters in force">
      <span className="pounce-faint">Filters</span>
      {props.tags.map((tag) => (
        <button
          key={tag.label}
          type="button"
          className="pounce-chip pounce-tag"
          data-testid="tag"
          aria-label={tag.removes || `Remove the filter ${tag.label}`}
          onClick={() => takeBack(tag)}
        >
          <bdi>{tag.label}</bdi> <X aria-hidden="true" size={14} />
        </button>
      ))}
    </div>
  );
}
