"""The built-in vision model is trained in the very prompts that the product sends."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image

from tools.demo.drawing import draw_pattern, draw_product
from tools.demo.drawing.look import Look
from tools.demo.held_out import Drawing
from tools.demo.training import captions as speech
from tools.demo.training.batches import UNKNOWN, label
from tools.demo.training.captions import Wish
from tools.demo.training.generated_objects import make_objects
from tools.demo.training.line_number_head import say_numbers
from tools.demo.training.lists import ListSampler
from tools.demo.training.pictures import SIDE
from tools.demo.training.prompt_examples import Tutor
from tools.demo.training.sources import Sources
from tools.demo.training.text_lessons import LATE, SpeechTrainer
from tools.demo.training.tower import Lesson, TowerTrainer
from tools.demo.training.vision_parts import make_config, make_model, make_tokenizer
from tools.phi3_vision.backend import InProcessVision
from tools.phi3_vision.config import Phi3VisionConfig
from tools.phi3_vision.export import write_checkpoint
from tools.phi3_vision.image_processor import PictureProcessor
from tools.phi3_vision.inference import Phi3Vision, load_phi3_vision
from tools.phi3_vision.tokenizer import PromptTokenizer
from tools.rerank.answer_grammar import RankingRule
from tools.rerank.answer_schema import ANSWER_START, RankingAnswer
from tools.rerank.grid import draw_grid
from tools.rerank.prompt import ranking_prompt
from tools.rerank.vision_model import CAPTION_PROMPT, PICTURE_CROPS

LOOKS = [
    Look(kind, pattern, color, "white", "cotton")
    for kind in ("mug", "scarf", "phone case")
    for pattern in ("plain", "leopard", "stripes")
    for color in ("red", "blue", "green")
]
LINES = [
    CAPTION_PROMPT,
    ranking_prompt(["red mug", "blue scarf"], instruction="a mug with this", caption="A mug."),
    RankingAnswer(9, 3, tuple(range(1, 10))).start,
    *(speech.caption(look) for look in LOOKS),
    "as in your photo; as you asked, but plain 0123456789",
]


@pytest.fixture(scope="module")
def sampler() -> ListSampler:
    drawings = [Drawing(look, seed) for look in LOOKS for seed in (1, 2)]
    pixels = np.stack([np.asarray(draw_product(d.look, size=SIDE, seed=d.seed)) for d in drawings])
    prints = [
        Drawing(Look("", look.pattern, color, "white", ""), 3)
        for look in LOOKS
        for color in (look.color, "")
        if look.pattern != "plain"
    ]
    print_pixels = np.stack(
        [
            np.asarray(draw_pattern(d.look.pattern, d.look.color or "tan", "black", SIDE, 3))
            for d in prints
        ]
    )
    nothing = np.zeros((0, SIDE, SIDE, 3), np.uint8)
    photos = Sources(nothing, nothing[..., :2], [])
    rows = range(len(drawings))
    return ListSampler(drawings, pixels, prints, print_pixels, rows, photos, make_objects(9, 1), 1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Phi3Vision:
    """Untrained, written and read back."""
    folder = tmp_path_factory.mktemp("small")
    words = make_tokenizer(LINES * 5)
    made = make_model(make_config(PromptTokenizer(words).vocab_size), 1)
    write_checkpoint(folder, made, words, num_crops=PICTURE_CROPS, dtype=torch.float32)
    return load_phi3_vision(folder, device="cpu", dtype="float32")


def small(config: Phi3VisionConfig) -> Phi3VisionConfig:
    """The same tiles, tokens and text layers at a fraction of the width: a step takes a moment."""
    text, clip = deepcopy(config.text), deepcopy(config.clip)
    text.hidden_size, text.intermediate_size = 64, 128
    text.num_attention_heads = text.num_key_value_heads = 4
    factors = [1.0] * (text.hidden_size // text.num_attention_heads // 2)
    longer = {"short_factor": factors, "long_factor": factors}
    text.rope_parameters = {**(text.rope_parameters or {}), **longer}
    clip.num_hidden_layers = 1
    return Phi3VisionConfig(text, clip, 1)


@pytest.fixture
def tutor(model: Phi3Vision) -> Tutor:
    processor = PictureProcessor(PICTURE_CROPS, tile=model.model.config.tile)
    return Tutor(model.tokenizer, processor, Random(1))


def test_drawn_lists_hold_what_is_asked_for_and_near_misses(sampler: ListSampler) -> None:
    for _ in range(60):
        given = sampler.draw()
        assert 2 <= len(given.pictures) <= 9
        assert given.grades.max() == 3.0
        assert len(given.titles) == len(given.reasons) == len(given.grades) == len(given.labels)


def test_written_file_is_the_model_that_was_made(tmp_path: Path) -> None:
    words = make_tokenizer(LINES * 5)
    made = make_model(make_config(PromptTokenizer(words).vocab_size), 2)
    write_checkpoint(tmp_path, made, words, num_crops=PICTURE_CROPS, dtype=torch.float32)
    read = load_phi3_vision(tmp_path, device="cpu", dtype="float32")
    for name, weight in made.state_dict().items():
        assert torch.equal(weight, read.model.state_dict()[name]), name
    assert read.model.config.tile.side == 96
    assert read.pictures.num_crops == PICTURE_CROPS


def test_grid_of_nine_costs_about_a_hundred_tokens(model: Phi3Vision) -> None:
    red = Image.new("RGB", (60, 60), "red")
    grid = draw_grid(red, [red] * 9, cell=96)
    assert sum(model.encode("<|image_1|>\n", [grid]).places) == 109


def test_prompt_that_is_taught_is_the_one_that_is_asked(
    model: Phi3Vision, tutor: Tutor, sampler: ListSampler
) -> None:
    given = sampler.draw()
    taught = tutor.ranking(given, written=False)
    vision = InProcessVision(model)
    grid = draw_grid(given.query, given.pictures, cell=vision.crop_side)
    for reasons in (3, 0):  # the tutor draws lots between the two
        prompt = ranking_prompt(
            given.titles, instruction=given.instruction, caption=given.caption, reasons=reasons
        )
        labels = [str(n + 1) for n in range(len(given.pictures))]
        vision.label_scores(grid, prompt, ANSWER_START, labels)
        asked = vision._cached.prompt.ids if vision._cached else []
        if asked == taught.ids:
            break
    else:
        pytest.fail("neither prompt is the one that was taught")
    assert taught.answer == len(taught.ids)


def test_written_answer_is_one_that_the_constraint_allows(
    model: Phi3Vision, tutor: Tutor, sampler: ListSampler
) -> None:
    vision = InProcessVision(model)
    for _ in range(12):
        given = sampler.draw()
        taught = tutor.ranking(given, written=True)
        count = len(given.pictures)
        rule = RankingRule(RankingAnswer(count, 3), vision._vocabulary)
        answer = taught.ids[taught.answer :]
        for place, token in enumerate(answer):
            forced = rule.forced(answer[:place])
            assert not forced or forced[0] == token
        assert rule.finished(answer[:-1])


def test_title_lines_are_found_in_the_prompt(
    model: Phi3Vision, tutor: Tutor, sampler: ListSampler
) -> None:
    given = sampler.draw()
    taught = tutor.ranking(given, written=False)
    assert len(taught.lines) == 1 + len(given.pictures)
    for line, title in zip(taught.lines[1:], given.titles, strict=True):
        before = model.tokenizer.tokenizer.decode(taught.ids[line - 1 : line + 1])
        assert before.endswith("\n")
        last = title.lower().split()[-1:] or [":"]
        assert last[0][-1] in before.lower() or not title


def test_reason_names_what_is_shared_with_the_photo() -> None:
    look = Look("phone case", "leopard", "tan", "black", "cotton")
    wish = Wish("phone case", "leopard", "tan", ("pattern", "color"))
    said = speech.reason(look, wish)
    assert said == "tan leopard print, as in your photo; phone case, as you asked"
    other = Look("mug", "leopard", "blue", "black", "cotton")
    assert speech.reason(other, wish) == "leopard print, as in your photo; but mug blue"


def test_all_that_is_asked_for_is_worth_more_than_a_part() -> None:
    wish = Wish("mug", "stripes", "red")
    grades = [wish.grade(look) for look in LOOKS]
    best = [look for look, grade in zip(LOOKS, grades, strict=True) if grade == 3.0]
    assert [(look.kind, look.pattern, look.color) for look in best] == [("mug", "stripes", "red")]
    assert 0 < wish.grade(Look("mug", "stripes", "blue", "", "")) < 3


def test_a_step_of_training_lowers_the_loss_on_what_it_saw(
    model: Phi3Vision, tutor: Tutor, sampler: ListSampler
) -> None:
    fresh = make_model(small(model.model.config), 3)
    trainer = SpeechTrainer(fresh, 60)
    batch = [tutor.ranking(sampler.draw(), written=n % 2 == 0) for n in range(2)]
    first = sum(v for k, v in trainer.train_on(batch).items() if k != "first")
    for _ in range(14):
        last = sum(v for k, v in trainer.train_on(batch).items() if k != "first")
    assert last < 0.8 * first


def test_head_that_looks_at_a_line_says_its_number(
    model: Phi3Vision, tutor: Tutor, sampler: ListSampler
) -> None:
    trainer = SpeechTrainer(make_model(small(model.model.config), 3), 60)
    lists = [[tutor.ranking(sampler.draw(), written=False) for _ in range(4)] for _ in range(8)]
    say_numbers(trainer, lists)
    lm = trainer.model.lm
    out, values = lm.model.layers[LATE].self_attn.o_proj.weight, lm.lm_head.weight
    room = out.shape[0] // trainer.model.config.text.num_attention_heads
    labels = [model.tokenizer.token_id(str(n + 1)) for n in range(9)]
    spoken = (values[labels] * lm.model.norm.weight) @ out[:, :room]  # (labels, room)
    assert spoken[:, :9].argmax(0).tolist() == list(range(9))
    assert not out[:, 9:room].any()


def test_tower_learns_the_names_of_pictures_shown_in_cells() -> None:
    torch.manual_seed(2)
    pictures = make_model(small(make_config(400)), 4).pictures
    looks = [Look("mug", "plain", color, "white", "cotton") for color in ("red", "green")]
    pixels = np.stack([np.asarray(draw_product(each, size=SIDE, seed=1)) for each in looks] * 8)
    labels = np.array([label(each) for each in looks] * 8)
    trainer = TowerTrainer(pictures, 8, 40, strengths=(0.2, 0.5))
    seen = torch.nn.functional.normalize(torch.randn(16, 8), dim=-1)
    first = trainer.step(Lesson(pixels, labels, seen))
    for _ in range(9):
        last = trainer.step(Lesson(pixels, labels))
    assert set(first) - set(last) == {"seen", "apart"}
    assert last["whole"] < first["whole"] / 4
    assert trainer.right(pixels[:2], labels[:2]) == [1.0, 1.0, 1.0]


def test_names_that_a_look_does_not_say_are_unknown() -> None:
    assert label(Wish(color="red"))[:2] == (UNKNOWN, UNKNOWN)
    assert label(Wish("mug"))[0] == label(Look("mug", "plain", "red", "", ""))[0]
