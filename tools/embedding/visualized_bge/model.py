"""Visualized BGE: pictures as tokens inside a BGE text encoder, so that both share one space.

Visualized BGE (arXiv 2406.04292). The patches of an EVA-02 tower are projected to the width of
the text model and stand between its first token and the words; the whole is encoded by the text
model, whose first hidden state is the vector. The text side is transformers' own BertModel (base)
or XLMRobertaModel (m3). The same classes at other sizes are the built-in demo model.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use
from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

from tools.embedding.visualized_bge.vision_tower import VisionConfig, VisionTower


@dataclass(frozen=True)
class VisualizedBGEConfig:
    """All sizes of the model. The defaults are those of the base model."""

    text: BertConfig | XLMRobertaConfig = field(default_factory=BertConfig)
    vision: VisionConfig = field(default_factory=VisionConfig)
    empty_text: tuple[int, int] = (101, 102)
    """Ids that the tokenizer gives for no words: the first and the last token."""

    def __post_init__(self) -> None:
        if self.max_joint_text < 3:
            raise ValueError(
                f"{self.text.max_position_embeddings} positions leave no room for words beside "
                f"{self.vision.patches} picture tokens"
            )

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return int(self.text.hidden_size)

    @property
    def max_text(self) -> int:
        """Longest text alone, tokens with the first and the last one."""
        return max_text_tokens(self.text)

    @property
    def max_joint_text(self) -> int:
        """Longest text beside a picture, tokens with the first and the last one."""
        return int(self.text.max_position_embeddings - self.vision.patches)


def max_text_tokens(text: BertConfig | XLMRobertaConfig) -> int:
    """Longest text that a text model takes, tokens with the first and the last one.

    XLM-RoBERTa counts its positions from the padding's id + 1.
    """
    offset = (text.pad_token_id or 0) + 1 if isinstance(text, XLMRobertaConfig) else 0
    return int(text.max_position_embeddings - offset)


class VisualizedBGE(nn.Module):
    """Text, picture, or both to a vector. Every `encode_...` gives (n, dim) float32 of length 1.

    `ids` and `mask` are (n, tokens), padded on the right, with the tokenizer's first and last
    token; `pixels` are (n, 3, size, size) as `preprocess.pixels` makes them.
    """

    def __init__(self, config: VisualizedBGEConfig) -> None:
        super().__init__()
        self.config = config
        # BERT's pooler is in the published files and unused.
        self.text: BertModel | XLMRobertaModel = (
            XLMRobertaModel(config.text, add_pooling_layer=False)
            if isinstance(config.text, XLMRobertaConfig)
            else BertModel(config.text, add_pooling_layer=False)
        )
        self.vision = VisionTower(config.vision)
        self.visual_proj = nn.Linear(config.vision.width, config.dim)

    def encode_text(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Words alone: the text model as it is. At most `config.max_text` tokens."""
        hidden = self.text(input_ids=ids, attention_mask=mask).last_hidden_state
        return F.normalize(hidden[:, 0].float(), dim=-1)

    def encode_image(self, pixels: Tensor) -> Tensor:
        """A picture alone: a picture with empty text."""
        ids = torch.tensor(self.config.empty_text, device=pixels.device).expand(len(pixels), -1)
        return self.encode_joint(pixels, ids, torch.ones_like(ids))

    def encode_joint(self, pixels: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        """A picture with words. At most `config.max_joint_text` tokens."""
        return self.fuse(self.image_tokens(pixels), ids, mask)

    def image_tokens(self, pixels: Tensor) -> Tensor:
        """What `fuse` needs of a picture, whatever the words: (n, patches, dim)."""
        out: Tensor = self.visual_proj(self.vision(pixels)[:, 1:])
        return out

    def fuse(self, tokens: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        """(n, patches, dim) picture tokens and words to (n, dim): first token, picture, words.

        Positions are 0, 1, 2, ... over the whole, in XLM-R as well, whose text alone starts at 2.
        """
        embeddings = self.text.embeddings
        words = embeddings.word_embeddings(ids)  # (n, tokens, dim)
        # Picture tokens carry no token type; the text model adds its first one to all of them.
        picture = tokens - embeddings.token_type_embeddings.weight[0]
        joined = torch.cat((words[:, :1], picture, words[:, 1:]), dim=1)
        n, length, _ = joined.shape
        hidden = self.text(
            inputs_embeds=joined,
            attention_mask=torch.cat((mask.new_ones(n, tokens.shape[1]), mask), dim=1),
            position_ids=torch.arange(length, device=ids.device).expand(n, -1),
        ).last_hidden_state
        return F.normalize(hidden[:, 0].float(), dim=-1)
