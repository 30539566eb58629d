"""A model can only write a whole ranking, whatever its logits; with a small Phi-3 tokenizer."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from tests.golden.phi3_vision import CHECKPOINT
from tests.support.repeats import repeats
from tools.errors import ModelError
from tools.rerank.answer_grammar import RankingRule
from tools.rerank.answer_repair import repair_ranking
from tools.rerank.answer_schema import ANSWER_START, REASON_LENGTH, RankingAnswer
from tools.rerank.token_vocabulary import TokenVocabulary

WIDTH = 704
"""Of the small checkpoint's scores; the tokenizer has 685 tokens."""

Choose = Callable[[torch.Tensor], int]


@pytest.fixture(scope="module")
def vocabulary() -> TokenVocabulary:
    tokenizer = Tokenizer.from_file(str(CHECKPOINT / "tokenizer.json"))
    return TokenVocabulary(tokenizer, size=WIDTH, stop=(647, 640))


def drawn(seed: int, temperature: float = 1.5) -> Choose:
    """A token by chance, as a model of random weights would say it."""
    random = torch.Generator().manual_seed(seed)

    def choose(scores: torch.Tensor) -> int:
        return int(torch.multinomial((scores / temperature).softmax(-1), 1, generator=random))

    return choose


def write(
    answer: RankingAnswer, vocabulary: TokenVocabulary, choose: Choose, *, seed: int
) -> list[int]:
    """What is generated behind the start, taking what is forced in one go."""
    rule, random = RankingRule(answer, vocabulary), torch.Generator().manual_seed(seed)
    tokens: list[int] = []
    while not rule.finished(tokens):
        if run := rule.forced(tokens):
            tokens += run
            continue
        logits = torch.randn(1, WIDTH, generator=random) * 4
        tokens.append(choose(rule(torch.tensor([tokens], dtype=torch.long), logits)[0]))
    assert len(tokens) < answer.max_tokens
    return tokens


def text_of(answer: RankingAnswer, vocabulary: TokenVocabulary, tokens: list[int]) -> str:
    return answer.start + "".join(vocabulary.texts[token] for token in tokens)


def check(said: str, answer: RankingAnswer) -> dict[str, Any]:
    """That an answer has its shape; gives what it says."""
    read: dict[str, Any] = json.loads(said)
    numbers = list(range(1, answer.count + 1))
    assert sorted(read["ranking"]) == numbers
    if answer.reasons:
        first = read["ranking"][: answer.reasons]
        assert list(read["reasons"]) == [str(number) for number in first]
        for reason in read["reasons"].values():
            assert 0 < len(reason) <= REASON_LENGTH
            assert reason.isprintable()
            assert not reason.startswith(" ")
    assert 0 <= read["confidence"] <= 0.9
    assert repair_ranking(said, numbers).outcome == "complete"
    return read


def test_any_seed_writes_a_permutation_of_its_own(vocabulary: TokenVocabulary) -> None:
    answer, seen = RankingAnswer(9), set()
    for seed in range(repeats(60)):
        said = text_of(answer, vocabulary, write(answer, vocabulary, drawn(seed), seed=seed))
        seen.add(tuple(check(said, answer)["ranking"]))
    assert len(seen) > 0.95 * repeats(60)  # and they are no favorites of the structure


@pytest.mark.parametrize("count", range(1, 10))
@pytest.mark.parametrize("reasons", [0, 1, 3, 12])
def test_any_count_of_candidates_and_reasons(
    count: int, reasons: int, vocabulary: TokenVocabulary
) -> None:
    answer = RankingAnswer(count, reasons)
    for seed in range(repeats(2)):
        check(
            text_of(answer, vocabulary, write(answer, vocabulary, drawn(seed), seed=seed)), answer
        )


@pytest.mark.parametrize("ranked", [(2, 3, 1), (1,), (9, 8, 7, 6, 5, 4, 3, 2, 1)])
@pytest.mark.parametrize("reasons", [0, 2, 3])
def test_known_order_leaves_only_the_rest(
    ranked: tuple[int, ...], reasons: int, vocabulary: TokenVocabulary
) -> None:
    answer = RankingAnswer(len(ranked), reasons, ranked)
    for seed in range(5):
        said = text_of(answer, vocabulary, write(answer, vocabulary, drawn(seed), seed=seed))
        assert check(said, answer)["ranking"] == list(ranked)


def test_every_permutation_can_be_written(vocabulary: TokenVocabulary) -> None:
    for order in permutations(range(1, 5)):
        rule = RankingRule(RankingAnswer(4), vocabulary)
        tokens: list[int] = []
        for number in order[:3]:
            tokens += [*rule.forced(tokens), vocabulary.label_token(str(number))]
        tail = "".join(vocabulary.texts[token] for token in rule.forced(tokens))
        assert tail.startswith(f", {order[3]}], ")


def test_forced_runs_are_what_the_rule_would_have_left(vocabulary: TokenVocabulary) -> None:
    """Step by step, one token at a time, gives the same as taking the runs in one go."""
    answer = RankingAnswer(5)
    runs = write(answer, vocabulary, drawn(3), seed=3)
    rule = RankingRule(answer, vocabulary)
    for place, token in enumerate(runs):
        left = rule(torch.tensor([runs[:place]], dtype=torch.long), torch.zeros(1, WIDTH))[0]
        assert torch.isfinite(left[token])
        if rule.forced(runs[:place]):
            assert rule.forced(runs[:place])[0] == token
            assert torch.isfinite(left).sum() == 1
    end = rule(torch.tensor([runs]), torch.zeros(1, WIDTH))[0]
    assert torch.isfinite(end).nonzero().flatten().tolist() == [640, 647]
    assert rule.finished(runs)
    assert not rule.forced(runs)


def test_most_of_the_structure_is_not_computed(vocabulary: TokenVocabulary) -> None:
    answer = RankingAnswer(9, reasons=0)
    choices = 0

    def choose(scores: torch.Tensor) -> int:
        nonlocal choices
        choices += 1
        return int(scores.argmax())

    tokens = write(answer, vocabulary, choose, seed=0)
    assert choices == 9  # eight numbers, for the ninth is left over, and the confidence
    assert len(tokens) > 30


def test_structure_is_spelt_as_the_tokenizer_spells_it(vocabulary: TokenVocabulary) -> None:
    tokenizer = Tokenizer.from_file(str(CHECKPOINT / "tokenizer.json"))
    answer = RankingAnswer(9, reasons=0, ranked=())
    tokens = write(answer, vocabulary, lambda scores: int(scores.argmax()), seed=1)
    whole = tokenizer.encode(text_of(answer, vocabulary, tokens), add_special_tokens=False).ids
    assert whole[-len(tokens) :] == tokens


def test_rows_of_a_batch_do_not_mix(vocabulary: TokenVocabulary) -> None:
    answer = RankingAnswer(9, reasons=9)
    one, two = (write(answer, vocabulary, drawn(seed), seed=seed)[:70] for seed in (1, 2))
    logits = torch.randn(2, WIDTH, generator=torch.Generator().manual_seed(0))
    both = RankingRule(answer, vocabulary)(torch.tensor([one, two]), logits)
    for row, tokens in enumerate((one, two)):
        alone = RankingRule(answer, vocabulary)(torch.tensor([tokens]), logits[row : row + 1])
        assert torch.equal(both[row : row + 1], alone)


def test_only_the_last_reason_ends_the_reasons(vocabulary: TokenVocabulary) -> None:
    """One token is the quote and the brace; what the rule was asked before does not matter."""
    rule, closing = RankingRule(RankingAnswer(2, 2, (1, 2)), vocabulary), vocabulary.by_text['"}']
    first = [vocabulary.by_text["red"]]
    second = [*first, vocabulary.by_text['"']]
    second += [*rule.forced(second), *first]
    for tokens, ends in ((second, True), (first, False)):
        left = rule(torch.tensor([tokens]), torch.zeros(1, WIDTH))[0]
        assert bool(torch.isfinite(left[closing])) == ends


def test_rule_is_a_logits_processor_of_transformers(vocabulary: TokenVocabulary) -> None:
    """The real generation loop of a small Phi-3 of random weights, two answers at once."""
    from transformers import LogitsProcessorList, Phi3Config, Phi3ForCausalLM

    torch.manual_seed(0)
    config = Phi3Config(
        vocab_size=WIDTH, hidden_size=32, intermediate_size=48, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=2, pad_token_id=640, eos_token_id=[640, 647],
    )  # fmt: skip
    model: Any = Phi3ForCausalLM(config)
    answer = RankingAnswer(9)
    out = model.generate(
        inputs_embeds=torch.randn(2, 7, 32),
        attention_mask=torch.ones(2, 7, dtype=torch.long),
        do_sample=True,
        temperature=1.5,
        max_new_tokens=answer.max_tokens,
        logits_processor=LogitsProcessorList([RankingRule(answer, vocabulary)]),
    )
    for row in out.tolist():
        tokens = [token for token in row if token in vocabulary.texts]
        assert row[len(tokens)] in vocabulary.stop
        check(text_of(answer, vocabulary, tokens), answer)


def test_token_that_was_not_allowed_is_an_error(vocabulary: TokenVocabulary) -> None:
    rule = RankingRule(RankingAnswer(3), vocabulary)
    with pytest.raises(ValueError, match="not allowed"):
        rule.forced([vocabulary.label_token("4")])
    three = vocabulary.label_token("3")
    with pytest.raises(ValueError, match="had to"):
        rule.forced([three, three])


def test_tokenizer_without_digits_says_so() -> None:
    from tokenizers.models import BPE

    bare = TokenVocabulary(
        Tokenizer(BPE({"a": 0, "ab": 1, "b": 2}, [("a", "b")])), size=3, stop=(2,)
    )
    with pytest.raises(ModelError, match="no single token"):
        RankingRule(RankingAnswer(2), bare)
    with pytest.raises(ModelError, match="cannot write"):
        bare.encode("ac")
    assert bare.encode("b", behind="a") == (2,)


@pytest.mark.parametrize(
    ("count", "reasons", "ranked"), [(0, 3, ()), (10, 3, ()), (2, -1, ()), (2, 3, (1, 1))]
)
def test_answers_that_cannot_be_are_an_error(
    count: int, reasons: int, ranked: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"candidates|fewer|once each"):
        RankingAnswer(count, reasons, ranked)


def test_schema_for_a_server_knows_the_numbers() -> None:
    schema: Any = RankingAnswer(4).json_schema()
    assert schema["properties"]["ranking"]["items"]["enum"] == [1, 2, 3, 4]
    assert set(schema["required"]) == {"ranking", "reasons", "confidence"}
    assert "reasons" not in RankingAnswer(4, reasons=0).json_schema()["required"]  # type: ignore[operator]
    assert RankingAnswer(4).start == ANSWER_START
