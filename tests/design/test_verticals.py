"""The contract of verticals, held to every installed one, and every breach of it caught."""

import random
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from design.toys import SOUND, Break, edited, installed, without
from manufold.checking import check_vertical
from manufold.design.conformance import demos, faults
from manufold.design.contract import GROUP, InputFile, chosen, filled, verticals
from manufold.design.form_checks import example
from manufold.model.errors import InputFault, ManufoldError, Reason
from manufold.model.ports import Executor
from manufold.words import LANGUAGES, sentences, term, word
from manufold.workers import KillablePool
from manufold.workers.inline import InlineExecutor

OURS = sorted(verticals())


@pytest.fixture(scope="module")
def pool():
    """Workers that survive what damaged files do to them."""
    with KillablePool(1) as made:
        yield made


@pytest.fixture
def fresh_words():
    """Sentences read anew, here and for whoever comes after."""
    sentences.cache_clear()
    yield
    sentences.cache_clear()


def test_ours_come_through_the_strangers_door():
    """Both trades are installed, found by entry point, and nothing else is needed to add one."""
    assert OURS == ["garment", "part"]
    assert {point.name for point in entry_points(group=GROUP)} == set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_conformance(name: str, pool: Executor) -> None:
    """Every installed vertical keeps the contract."""
    assert faults(name, verticals()[name], pool) == ()


@pytest.mark.parametrize("name", OURS)
def test_demos_go_to_the_one_who_knows_them(name: str) -> None:
    """Among all installed verticals each demo is accepted by its own, and surely enough."""
    for demo in demos(verticals()[name]):
        assert chosen(verticals(), demo["files"]) is verticals()[name]


@pytest.mark.parametrize("name", OURS)
def test_forms_that_are_filled_in(name: str, pool: Executor) -> None:
    """Where a design can be given by hand, the examples lead to plans, and garbage to a refusal."""
    vertical = verticals()[name]
    if not vertical.form.by_hand:
        assert vertical.form.suffixes
        return
    file, parameters = example(name, vertical.form)
    assert vertical.plans(vertical.design([file], parameters, pool), 1)
    for field in vertical.form.fields:
        if field.to != "file" or field.kind != "number":
            continue
        for wrong in (-1, 0, "x", 10**30):
            asked = [f for f in vertical.form.fields if f.to == "file"]
            values = {f.name: int(f.example) for f in asked if f.kind == "number"}
            with pytest.raises(InputFault) as caught:
                vertical.design([filled(name, values | {field.name: wrong})], {}, pool)
            assert word(caught.value.reason) != caught.value.code


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return a demo's bytes cut, overwritten, doubled or with lines or numbers changed."""
    kind = chance.randrange(5)
    at = chance.randrange(max(1, len(content)))
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + bytes(chance.randrange(256) for _ in range(8)) + content[at + 8 :]
    if kind == 2:
        lines = content.splitlines(keepends=True)
        return b"".join(line for line in lines if chance.random() > 0.1)
    if kind == 3:
        return content.replace(b"1", chance.choice((b"-1", b"9e9", b"", b"NaN", b'"')), 3)
    return content + content[:at]


@pytest.mark.parametrize("name", OURS)
def test_damaged_demos_end_in_words(name: str, pool: Executor) -> None:
    """Seeded damages of each demo's file end in a design or a worded refusal, never otherwise."""
    vertical, chance = verticals()[name], random.Random(11)
    refused = 0
    for demo in {demo["files"][0].content: demo for demo in demos(vertical)}.values():
        first = demo["files"][0]
        for _ in range(15 if len(first.content) < 10_000 else 6):
            file = InputFile(first.name, damaged(first.content, chance))
            assert 0 <= vertical.accepts([file]) <= 1
            said: tuple[Reason, ...] = ()
            try:
                design = vertical.design([file], demo["parameters"], pool)
                vertical.plans(design, demo["quantity"])
            except ManufoldError as refusal:
                said = (refusal.reason, *(fault.reason for fault in refusal.faults))
            assert all(is_worded(reason) for reason in said), said
            refused += bool(said)
    assert refused >= 3


def is_worded(reason: Reason) -> bool:
    """Return whether a reason has its sentence in every language."""
    return not any(word(reason, of).startswith(f"{reason.code}(") for of in LANGUAGES)


CODE = "__init__.py"
FIELD = 'Field("edge", "choice", "parameter", "plain", choices=("plain", "round"))'
ACCEPTS, LENGTH = "        return 0.8 if", "        length_mm = Decimal(str"
CLOCKED = '{"length_mm": length_mm, "at": __import__("time").perf_counter_ns()}'
FACTS, DESIGN = '{"length_mm": length_mm}', '"sawn", design'
NO_WAY = '        if design.facts["length_mm"] == 1200:\n            return ()\n'
BREAKS = [
    without("card_unreadable", "vertical.toml"),
    without("card_unreadable", "demo/shelf.json"),
    edited("card_unreadable", "vertical.toml", 'name = "boards"', "name = "),
    edited("names_differ", "vertical.toml", 'name = "boards"', 'name = "planks"'),
    edited("names_differ", CODE, 'name = "boards"', 'name = "planks"'),
    edited("level_wrong", "vertical.toml", '"bronze"', '"gold"'),
    edited("level_wrong", CODE, 'level = "bronze"', 'level = "tin"'),
    edited("no_sources", "vertical.toml", '["forty cuts timed"]', "[]"),
    edited("no_demo", "vertical.toml", "[[demo]]", "[[demonstration]]"),
    edited("accepts_rubbish", CODE, "len(files) == 1 and", "True or"),
    edited("accepts_rubbish", CODE, "len(files) == 1 and", "1 // 0 or"),
    edited("refuses_demo", CODE, "return 0.8 if", "return 1.8 if"),
    edited("refuses_demo", CODE, "return 0.8 if", "return 0.0 if"),
    edited("accepts_raises", CODE, ACCEPTS, f"        files[0].content[45]\n{ACCEPTS}"),
    edited("crashes", CODE, "from_json(content)", "eval(content)"),
    edited("suffix_unlisted", CODE, '(".json",)', '(".csv",)'),
    edited("suffix_malformed", CODE, '(".json",)', '(".json", "csv")'),
    edited("not_repeatable", CODE, FACTS, CLOCKED),
    edited("no_plan", CODE, LENGTH, f"        return ()\n{LENGTH}"),
    edited("plan_twice", CODE, "(line,), length_mm),)", "(line,), length_mm),) * 2"),
    edited("plan_lost_with_quantity", CODE, DESIGN, 'f"sawn{quantity}", design'),
    edited("revision_differs", CODE, f"{DESIGN}.revision", '"sawn", "0" * 64'),
    edited("massless", CODE, "(line,), length_mm)", "(line,), Decimal(0))"),
    edited("no_material", CODE, "(line,), length_mm)", "(), length_mm)"),
    edited("time_unsourced", CODE, '"standard", SAWN', '"", SAWN'),
    edited("personal_leaks", CODE, "facts, (), said)", 'facts, (), said, {"arm": length_mm})'),
    edited("refuses_form", CODE, "b'\"boards\"' in", "b'900' in"),
    edited("form_without_plan", CODE, LENGTH, f"{NO_WAY}{LENGTH}"),
    edited("field_wrong", CODE, '"1200", 100, 4000', '"12", 100, 4000'),
    edited("field_wrong", CODE, '"1200", 100', '"much", 100'),
    edited("field_wrong", CODE, '"plain", choices', '"bent", choices'),
    edited("field_wrong", CODE, FIELD, f"{FIELD}, {FIELD}"),
    edited("unworded", CODE, '("plain", "round")', '("plain", "round", "wavy")'),
    edited("unworded", CODE, "boards.pine_assumed", "boards.oak_assumed"),
    without("words_missing", "words/zh.toml"),
    edited("words_unreadable", "words/en.toml", '= "Edge"', "= Edge"),
    edited("words_unreadable", "words/en.toml", "plain", "pl\udcffin"),
    edited("words_differ", "words/zh.toml", "{length_mm}", "{length}"),
    edited("words_differ", "words/zh.toml", '"process.saw" = "锯切"', ""),
    edited("words_foreign", "words/en.toml", '"process.saw"', '"offer.file_empty"'),
    edited("words_malformed", "words/en.toml", '= "sawn"', "= 7"),
    edited("words_malformed", "words/en.toml", "{length_mm} mm", "{length_mm mm"),
    edited("words_malformed", "words/en.toml", "{length_mm} mm", "{0.__class__} mm"),
    edited("form_empty", CODE, SOUND[CODE], SOUND[CODE].replace('(".json",)', "()").replace(
        '"number", "file"', '"number", "parameter"'
    )),
    Break(
        "conformance.plans_differ",
        {
            **SOUND,
            "vertical.toml": SOUND["vertical.toml"] + 'expected = "shelf.plans.json"\n',
            "demo/shelf.plans.json": "[]",
        },
    ),
]  # fmt: skip


def test_the_sound_toy_is_sound(tmp_path: Path) -> None:
    """What is broken below is whole before."""
    with installed(tmp_path, SOUND) as load:
        assert faults("boards", load(), InlineExecutor()) == ()


@pytest.mark.parametrize("broken", BREAKS, ids=lambda b: b.code.removeprefix("conformance."))
def test_each_breach_is_caught(broken: Break, tmp_path: Path) -> None:
    """Each way to break the contract is named by its own code, worded in both languages."""
    with installed(tmp_path, broken.files) as load:
        found = faults("boards", load(), InlineExecutor())
    assert broken.code in {fault.reason.code for fault in found}, found
    assert all(is_worded(fault.reason) for fault in found)


def test_the_folder_of_code_and_entry_point_is_one(tmp_path: Path) -> None:
    """A class in another package than the entry point's has its words sought in the wrong place."""
    files = {f"inner/{place}": text for place, text in SOUND.items()}
    files |= {"__init__.py": "from .inner import vertical\n"}
    with installed(tmp_path, files) as load:
        found = faults("boards", load(), InlineExecutor())
    assert [fault.reason.code for fault in found] == ["conformance.folders_differ"]


def test_every_conformance_code_is_caught_above() -> None:
    """A check nobody has seen fail may as well not be there."""
    caught = {broken.code for broken in BREAKS} | {"conformance.folders_differ"}
    assert caught == {code for code in sentences("en") if code.startswith("conformance.")}


def test_strangers_sentences_are_found_and_ours_are_safe(tmp_path: Path, fresh_words: None) -> None:
    """An outside vertical is worded without being imported; it cannot reword what is ours."""
    rude = SOUND["words/en.toml"] + '"offer.file_empty" = "ha"\n"process.mill" = "nibbled"\n'
    ours = sentences("en")["offer.file_empty"], term("process", "mill")
    sentences.cache_clear()
    with installed(tmp_path, {**SOUND, "words/en.toml": rude, "__init__.py": "1 / 0\n"}):
        assert term("process", "saw") == "sawn"
        assert term("process", "saw", "zh") == "锯切"
        assert "cannot be sawn" in sentences("en")["boards.length_wrong"]
        assert (sentences("en")["offer.file_empty"], term("process", "mill")) == ours
        with pytest.raises(InputFault, match="design.vertical_broken") as refused:
            verticals()
        assert "ZeroDivisionError" in word(refused.value.reason)


@pytest.mark.parametrize("damage", ["\udcff\udcfe", "= = =", "[" * 5000, ""])
def test_a_damaged_catalogue_breaks_nobody_else(
    damage: str, tmp_path: Path, fresh_words: None
) -> None:
    """Every sentence of ours is still there; the check names the damage aloud."""
    with installed(tmp_path, {**SOUND, "words/en.toml": damage}):
        assert "garment.file_empty" in sentences("en")
        assert "boards.pine_assumed" not in sentences("en")
        assert "boards.pine_assumed" in sentences("zh")
        answer = check_vertical("boards", "en")
    assert any(
        "en.toml" in fault["text"] or "worded" in fault["text"] for fault in answer["faults"]
    )


def test_two_packages_of_one_name_are_refused(tmp_path: Path) -> None:
    """A stranger cannot slip in under the name of ours."""
    with installed(tmp_path, SOUND, name="part"), pytest.raises(InputFault) as refused:
        verticals()
    assert refused.value.code == "design.vertical_twice"


def test_words_import_no_trade() -> None:
    """A refusal is worded without loading a CAD kernel or any code of a vertical."""
    said = (
        "import sys; from manufold.words import term; assert term('process', 'sew') == 'sewn';"
        "print([m for m in sys.modules if m.startswith(('manufold.design', 'OCP', 'numpy'))])"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
