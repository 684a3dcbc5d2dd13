"""index_phones: after the key has changed the same people are known again."""

from complaints.models import Complaint
from complaints.phones import key_of
from tests.factories import make_complaint


def test_index_phones_reckons_every_key_anew(db, settings, command):
    written = ["13900001234", "+86 139-0000-1234", "0731-88887777", "无", ""]
    for phone in written:
        make_complaint(reporter_phone=phone)
    before = list(Complaint.objects.order_by("pk").values_list("reporter_key", flat=True))
    settings.BLIND_INDEX_KEY = "another" * 8
    said = command("index_phones")
    assert (said.code, said.out.strip()) == (0, "重算 3 件")
    keys = list(Complaint.objects.order_by("pk").values_list("reporter_key", flat=True))
    assert keys == [key_of(phone) for phone in written]
    assert keys[0] == keys[1] != before[0]
    assert command("index_phones").out.strip() == "重算 0 件"
