"""Every code has its sentence in both languages, with no parameter the source does not give."""

import re
import tomllib
from pathlib import Path

import pytest
from tests.words.raised import CODE, ROOTS, Use, mentioned, uses

from manufold.design.conformance import demos
from manufold.design.contract import Form, verticals
from manufold.model.errors import InputFault, Reason
from manufold.model.wording import FAMILIES, WORDED_IN
from manufold.words import LANGUAGES, missing, sentences, term, word

PUNCTUALITY = Path(__file__).parents[2] / "src" / "manufold" / "ui" / "passport_page.py"
SOURCE = Path(__file__).parents[2] / "src" / "manufold"
FOLDER = SOURCE / "words"
#: parameters that whoever catches a refusal adds before it is shown
ADDED_LATER = {"network.value_outside": {"found", "key"}}
PLACE = re.compile(r"\{([^{}]*)\}")


def params_of(sentence: str) -> set[str]:
    """Return the parameters that a sentence shows."""
    return {place.split(":")[0] for place in PLACE.findall(sentence)}


def files_of(language: str) -> list[Path]:
    """Return every file of sentences: of the rooms, then of our verticals."""
    rooms = sorted((FOLDER / language).glob("*.toml"))
    return [*rooms, *sorted(SOURCE.glob(f"design/*/words/{language}.toml"))]


def families() -> set[str]:
    """Return the families of terms that sentences refer to."""
    found = {
        place.split(":")[1]
        for sentence in sentences("en").values()
        for place in PLACE.findall(sentence)
        if ":" in place
    }
    return found - {"span", "pieces", "moment", "chosen", "spread"}


def test_the_source_was_read():
    """The scan finds codes, classes that grow on the tree, and literal parameters."""
    found = {use.code: use for use in uses()}
    assert len(found) > 150
    assert found["offer.quantity"].params == {"quantity"}
    assert found["executor.too_slow"].params == {"entry", "limit_s"}  # by a class of its own
    assert "offer.labour" in mentioned()
    assert len(ROOTS) == 6


def test_codes_are_room_and_what_happened():
    """A code of another shape would be refused when the reason is built."""
    assert [use for use in uses() if not CODE.fullmatch(use.code)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence(language):
    """Nobody reads a bare code."""
    bare = sorted({f"{u.code} ({u.place})" for u in uses() if u.code not in sentences(language)})
    assert bare == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_show_only_what_the_source_gives(language):
    """A sentence with another parameter would show as a bare code."""
    wrong: list[tuple[Use, set[str]]] = []
    for use in uses():
        sentence = sentences(language).get(use.code)
        if sentence is not None and use.params is not None:
            extra = params_of(sentence) - use.params - ADDED_LATER.get(use.code, set())
            if extra:
                wrong.append((use, extra))
    assert wrong == []


def test_languages_say_the_same():
    """Both languages have the same codes, and each sentence the same parameters."""
    assert {language: missing(language) for language in LANGUAGES} == {"en": (), "zh": ()}
    english, chinese = sentences("en"), sentences("zh")
    differ = [c for c in english if params_of(english[c]) != params_of(chinese[c])]
    assert differ == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_flat_and_word_each_code_once(language):
    """Two rooms that word one code would overwrite each other by the order of their files."""
    seen: dict[str, str] = {}
    for path in files_of(language):
        name = path.relative_to(SOURCE).as_posix()
        for code, sentence in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert isinstance(sentence, str) and sentence.strip() == sentence, (name, code)
            assert sentence, (name, code)
            assert code not in seen, f"{code} stands in {seen.get(code)} and {name}"
            seen[code] = name
    assert sum(name.startswith("design/") for name in set(seen.values())) == len(verticals())
    assert dict(sentences(language)).keys() == seen.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_vertical_is_worded_in_its_own_folder(language):
    """No file of a room words a vertical's code, and no vertical words a room's."""
    assert LANGUAGES == WORDED_IN
    for path in files_of(language):
        rooms = {c.split(".")[0] for c in tomllib.loads(path.read_text(encoding="utf-8"))}
        if path.parent.parent == FOLDER:
            assert not rooms & {*verticals(), *FAMILIES}, path
        else:
            assert rooms <= {path.parts[-3], *FAMILIES}, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_are_plain_names(language):
    """A place is {name}, {name:span} or {name:family} of terms that exist."""
    known = {code.split(".")[0] for code in sentences(language)}
    for code, sentence in sentences(language).items():
        assert sentence.count("{") == len(PLACE.findall(sentence)) == sentence.count("}"), code
        for place in PLACE.findall(sentence):
            assert re.fullmatch(r"[a-z][a-z0-9_]*(:[a-z][a-z0-9_]*)?", place), (code, place)
    assert families() <= known


def test_chinese_is_chinese():
    """A sentence left in English would pass every other test."""
    plain = [
        code
        for code, sentence in sentences("zh").items()
        if not re.search(r"[\u4e00-\u9fff]", sentence)
        and re.search(r"[A-Za-z]{4}", PLACE.sub("", sentence))
    ]
    assert plain == []


def asked(name: str, form: Form) -> set[str]:
    """Return the names of a trade, of the fields of its form, and of the choices in them."""
    codes = {f"{name}.trade"} | {f"{name}.field.{field.name}" for field in form.fields}
    codes |= {f"{name}.{field.name}.unset" for field in form.fields}
    return codes | {f"{name}.{f.name}.{choice}" for f in form.fields for choice in f.choices}


def test_no_sentence_without_a_use():
    """A sentence that nobody can see is removed, or the code that should give it is missing."""
    used = {use.code for use in uses()} | mentioned()
    begun = tuple(code for code in mentioned() if code.endswith("_"))  # f"schedule.binding_{why}"
    pages = "".join(
        path.read_text(encoding="utf-8")
        for path in FOLDER.parent.rglob("*")
        if path.suffix in (".py", ".html")
    )
    used |= {f"passport.{name}" for name in re.findall(r'say\(\s*"([a-z_]+)"', pages)}
    used |= {f"passport.{name}" for name in re.findall(r'"([a-z_]+)"', PUNCTUALITY.read_text())}
    shown = families() | set(re.findall(r'(?:named|term)\("([a-z_]+)"', pages)) | {"span", "words"}
    used |= {code for name, one in verticals().items() for code in asked(name, one.form)}
    used |= {f"{n}.demo.{demo['name']}" for n, one in verticals().items() for demo in demos(one)}
    used |= set(re.findall(r'"(web\.[a-z_]+)"', pages))
    # of drawings, sizes and things made: a page puts a vertical's name and theirs together
    beside = {"picture", "size", "one", "many"}
    used |= {code for code in sentences("en") if code.split(".")[1] in beside}
    shown |= {"characteristic"}
    idle = [
        code
        for code in sorted(sentences("en"))
        if code not in used and not code.startswith(begun) and code.split(".")[0] not in shown
    ]
    assert idle == []


def test_word_fills_in_and_never_raises():
    """Parameters, spans, yes and no are shown; what has no sentence shows as it is."""
    setup = Reason(
        "offer.setup",
        {
            "operation": "Mill",
            "work_unit": "VMC",
            "site": "Hagen",
            "rate": "65.00 EUR",
            "seconds": 5400,
        },
    )
    assert word(setup) == "Set-up of 1 h 30 min for Mill on VMC, Hagen, 65.00 EUR an hour"
    assert "1 小时 30 分" in word(setup, "zh")
    assert word(Reason("nobody.said", {"a": 1, "b": "x"})) == "nobody.said(a=1, b='x')"
    assert word(Reason("offer.quantity", {})) == "offer.quantity()"
    tricky = Reason("offer.quantity", {"quantity": "{0.__class__} {quantity}"})
    assert "{0.__class__} {quantity}" in word(tricky)
    assert term("role", "buyer", "zh") == "买方"
    assert term("role", "stranger", "zh") == "stranger"


def test_unknown_language_is_refused():
    """There is no silent fall-back to English."""
    with pytest.raises(InputFault) as refused:
        word(Reason("offer.quantity", {"quantity": 0}), "tlh")
    assert refused.value.code == "words.language_unknown"
    assert refused.value.params["known"] == "en, zh"
