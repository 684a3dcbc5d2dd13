"""The cast and the stage: people with names and hats, a small model, a clock that stands still."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.cache import cache

from ml import artifact
from ml.train import Corpus, train


@dataclass
class City:
    """Two communities, two estates, two firms, one contract each, and everybody who acts there."""

    community: object
    other_community: object
    estate: object
    other_estate: object
    firm_a: object
    firm_b: object
    contract: object
    other_contract: object
    firm_a_clerk: object
    firm_b_clerk: object
    community_officer: object
    officer_next_door: object
    bureau_officer: object
    petition_clerk: object

    @property
    def people(self) -> dict:
        names = ("firm_a_clerk", "firm_b_clerk", "community_officer", "officer_next_door",
                 "bureau_officer", "petition_clerk")  # fmt: skip
        return {name: getattr(self, name) for name in names}


@pytest.fixture
def city(db) -> City:
    """江南小区 under firm A and community 1, 后苑小区 under firm B and community 2."""
    from property_oversight.accounts.actions import grant, invite
    from property_oversight.accounts.models import Role
    from tests import factories as f

    community, other_community = f.make_community("东风社区"), f.make_community("胜利社区")
    estate = f.make_estate("江南小区", community=community, households=920)
    other_estate = f.make_estate("后苑小区", community=other_community, households=880)
    firm_a, firm_b = f.make_company("鼎盛物业服务有限公司"), f.make_company("安居物业有限公司")
    people = {}
    for name, role, where in (
        ("firm_a_clerk", Role.FIRM, {"company": firm_a}),
        ("firm_b_clerk", Role.FIRM, {"company": firm_b}),
        ("community_officer", Role.COMMUNITY, {"community": community}),
        ("officer_next_door", Role.COMMUNITY, {"community": other_community}),
        ("bureau_officer", Role.BUREAU, {}),
        ("petition_clerk", Role.PETITION_OFFICE, {}),
    ):
        people[name] = invite(name, password="demo-Passw0rd")
        grant(people[name], role, **where)
    return City(
        community=community,
        other_community=other_community,
        estate=estate,
        other_estate=other_estate,
        firm_a=firm_a,
        firm_b=firm_b,
        contract=f.make_contract(estate, firm_a, tier=3, fee_per_m2="1.50"),
        other_contract=f.make_contract(other_estate, firm_b, tier=4, fee_per_m2="1.80"),
        **people,
    )


SENTENCES = {
    "lift": ["电梯又停了", "电梯困人没人管", "三号楼电梯坏了三天", "电梯按钮失灵门关不上",
             "电梯年检过期还在用", "老人爬楼因为电梯停运", "电梯半夜异响", "电梯维保公司不来修"],
    "fees": ["物业费乱涨价", "物业费收了不开票", "催缴物业费贴大门", "物业费标准没有公示",
             "空置房物业费怎么收", "物业费太贵服务差", "强制预交一年物业费", "物业费滞纳金不合理"],
    "cleaning": ["楼道垃圾没人扫", "垃圾桶臭得很", "保洁一周不来", "地下室积水有蚊子",
                 "垃圾堆在单元门口", "楼梯间全是灰", "保洁员只扫一楼", "垃圾清运不及时"],
    "other_matter": ["公交车不准点", "学校学位不够", "马路坑洼没人修", "社保卡办不下来",
                     "医院挂不上号", "工地欠薪不给钱", "路灯在大街上不亮", "村里的水渠堵了"],
}  # fmt: skip


@pytest.fixture(scope="session")
def small_corpus() -> Corpus:
    """Enough to learn four matters from, in a second."""
    texts = [text for rows in SENTENCES.values() for text in rows]
    labels = [label for label, rows in SENTENCES.items() for _row in rows]
    danger = ["困人" in text or "失灵" in text for text in texts]
    return Corpus(texts, labels, danger, None)


@pytest.fixture(scope="session")
def small_model(small_corpus: Corpus, tmp_path_factory) -> Path:
    """The folder of a model trained on the small corpus."""
    folder = tmp_path_factory.mktemp("model")
    train(small_corpus, folder)
    model, manifest = artifact.load(folder)
    # Cross-validating 32 sentences says nothing about how sure to be and where to abstain: a plain
    # sentence about one of the four matters is taken, anything else is not.
    model.set_params(temperature=1.0, threshold=0.6, danger_threshold=0.5)
    artifact.save(model, manifest, folder, "")
    return folder


@pytest.fixture
def categories(db) -> None:
    """All categories, questions, tiers and the calendar, as `seed` loads them."""
    from property_oversight.casework.seeding import seed

    seed()


@pytest.fixture
def serving(settings, small_model, categories) -> None:
    """A city that can read: reference data and a small model in use."""
    settings.MODEL_DIR = small_model


@pytest.fixture(autouse=True)
def _fresh_register():
    """No automaton of another test's register."""
    from property_oversight.attribution.actions import forget_gazetteer

    forget_gazetteer()
    yield
    forget_gazetteer()


@pytest.fixture
def house(settings, small_model, categories, tmp_path):
    """A house with a small corpus and a starter model, in folders of this test alone."""
    shutil.copytree(small_model, tmp_path / "model")
    settings.MODEL_DIR, settings.FIXTURES_DIR = tmp_path / "model", tmp_path
    (tmp_path / "corpus").mkdir()
    rows = [{"text": t, "primary": label} for label, texts in SENTENCES.items() for t in texts]
    (tmp_path / "corpus" / "all.jsonl").write_text("\n".join(map(json.dumps, rows)))
    cache.clear()
    yield tmp_path
    cache.clear()
