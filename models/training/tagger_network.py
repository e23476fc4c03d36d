"""The field tagger's network: LiLT, small, with a head for the role of each word and one for links to labels.

LiLT (Wang, Jin and Ding, ACL 2022) reads words and their places in two streams that look at each other; the model
class is the one of `transformers`, untrained, with a configuration of our own. Roles are tags in BIO form. A link says
with which label's first word the first word of a value belongs, or with none: the dot product of two projections.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import LiltConfig, LiltModel

from models.tagger import TAGS
from models.tagger_words import LOOKS, PAD, WINDOW

HIDDEN = 192
LAYERS = 4
LINKED = 96
"""Width of the projections between which links are measured."""


class TaggerNetwork(nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """Words in, tags and links out. Shapes: see `forward`."""

    def __init__(self, words: int) -> None:
        super().__init__()
        config = LiltConfig(
            vocab_size=words,
            hidden_size=HIDDEN,
            num_hidden_layers=LAYERS,
            num_attention_heads=6,
            intermediate_size=2 * HIDDEN,
            channel_shrink_ratio=4,
            type_vocab_size=LOOKS,
            max_position_embeddings=WINDOW + PAD + 2,
            max_2d_position_embeddings=1024,
            pad_token_id=PAD,
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",
        )
        self.encoder = LiltModel(config, add_pooling_layer=False)
        self.tags = nn.Linear(HIDDEN, len(TAGS))
        self.value = nn.Linear(HIDDEN, LINKED)
        self.label = nn.Linear(HIDDEN, LINKED)
        self.none = nn.Parameter(torch.zeros(1, 1, LINKED))

    def forward(self, ids: Any, looks: Any, boxes: Any, mask: Any) -> tuple[Any, Any]:
        """Logits of tags (batch, words, tags) and of links (batch, words, 1 + words); column 0 of these is "no label".

        `ids`, `looks` and `mask` are (batch, words), `boxes` is (batch, words, 4).
        """
        positions = torch.arange(ids.shape[1], device=ids.device).unsqueeze(0).expand_as(ids) + PAD + 1
        seen = self.encoder(
            input_ids=ids, bbox=boxes, token_type_ids=looks, attention_mask=mask, position_ids=positions
        ).last_hidden_state
        labels = torch.cat([self.none.expand(ids.shape[0], -1, -1), self.label(seen)], 1)
        links = self.value(seen) @ labels.transpose(1, 2) / LINKED**0.5
        closed = (mask == 0).unsqueeze(1).to(links.dtype) * -1e4
        links = torch.cat([links[..., :1], links[..., 1:] + closed], -1)
        return self.tags(seen), links
