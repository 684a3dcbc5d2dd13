"""One person, one key, however the number is written; what is no number is nobody's."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from complaints.models import Complaint
from complaints.phones import key_of, normalised
from tests.factories import make_complaint

MOBILE, FIXED = "+8613900001234", "+8673188887777"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13900001234", MOBILE),
        ("139 0000 1234", MOBILE),
        ("139-0000-1234", MOBILE),
        ("１３９００００１２３４", MOBILE),
        ("+8613900001234", MOBILE),
        ("+86 139 0000 1234", MOBILE),
        ("＋86－139－0000－1234", MOBILE),
        ("008613900001234", MOBILE),
        ("86-13900001234", MOBILE),
        ("(+86)13900001234", MOBILE),
        ("（86）13900001234", MOBILE),
        ("13900001234转8", MOBILE),
        (" 13900001234 \n", MOBILE),
        ("13900001234/0731-88887777", MOBILE),
        ("无，13900001234", MOBILE),
        ("0731-88887777", FIXED),
        ("(0731)88887777", FIXED),
        ("（0731） 8888 7777", FIXED),
        ("073188887777", FIXED),
        ("0731-88887777-801", FIXED),
        ("0731-88887777转801", FIXED),
        ("0731-88887777 ext. 801", FIXED),
        ("0731 88887777 分机801", FIXED),
        ("+86-731-88887777", FIXED),
        ("0086 0731 88887777", FIXED),
        ("010-66668888", "+861066668888"),
        ("021 6666 8888", "+862166668888"),
        ("0746-8888123", "+867468888123"),
        ("+852 2345 6789", "+85223456789"),
        ("0085223456789", "+85223456789"),
    ],
)
def test_number_has_one_spelling(written, number):
    assert normalised(written) == number


@pytest.mark.parametrize(
    "written",
    ["", " ", "无", "不详", "12345", "4008001234", "88887777", "6543210", "138****1234",
     "13800000000", "11111111111", "1390000123", "139000012345", "2026-11-23", "0000000000",
     "打我", "x", "+", "0731", "１２３"],
)  # fmt: skip
def test_what_is_no_number_is_nobodys(written):
    assert normalised(written) == ""
    assert key_of(written) == ""


@given(st.text(max_size=40))
def test_anything_can_be_asked(written):
    number = normalised(written)
    assert number == "" or (number[0] == "+" and number[1:].isdigit() and len(number) <= 16)
    assert normalised(number) == number


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.data())
def test_filling_and_prefix_make_no_difference(mobile, data):
    cut = data.draw(st.integers(1, 10))
    filling = data.draw(st.sampled_from(["", " ", "-", "　"]))
    prefix = data.draw(st.sampled_from(["", "+86", "0086", "86", "+86 "]))
    assert key_of(f"{prefix}{mobile[:cut]}{filling}{mobile[cut:]}") == key_of(mobile)


def test_key_tells_people_apart_and_not_the_number(settings):
    key = key_of("13900001234")
    assert len(key) == 64
    assert "13900001234" not in key
    assert key != key_of("13900001235")
    settings.BLIND_INDEX_KEY = "another" * 8
    assert key_of("13900001234") != key


@pytest.mark.django_db
def test_complaints_from_before_the_index_are_given_their_key():
    written = ["+86 139-0000-1234", "13900001234", "(0731)88887777转8", "无", ""]
    complaints = [make_complaint(reporter_phone=phone) for phone in written]
    keys = [complaint.reporter_key for complaint in complaints]
    assert keys[0] == keys[1] != ""
    Complaint.objects.update(reporter_key="")
    fill = import_module("complaints.migrations.0003_fill_reporter_key").fill
    fill(apps, SimpleNamespace(connection=connection))
    assert list(Complaint.objects.order_by("pk").values_list("reporter_key", flat=True)) == keys
