"""Buildings have one spelling, and a count of buildings is no building."""

import pytest

from ml.places import buildings_of
from ml.text import fold


@pytest.mark.parametrize(
    ("text", "buildings"),
    [
        ("3号楼电梯坏了", {"3"}),
        ("三栋的电梯", {"3"}),
        ("３幢２单元", {"3"}),
        ("第3栋", {"3"}),
        ("江南小区9栋", {"9"}),
        ("A座大堂", {"a"}),
        ("A3栋一楼", {"a3"}),
        ("03栋", {"3"}),
        ("一号楼", {"1"}),
        ("十二栋", {"12"}),
        ("二十栋", {"20"}),
        ("二十三栋", {"23"}),
        ("五、六栋", {"5", "6"}),
        ("五六栋", {"5", "6"}),
        ("3、5号楼", {"3", "5"}),
        ("35栋一39栋", {"35", "39"}),
        ("6栋、7栋门口", {"6", "7"}),
        ("我们这一栋", set()),
        ("每栋都这样", set()),
        ("一栋楼的人", set()),
        ("共26栋", set()),
        ("建了3栋", set()),
        ("电梯坏了", set()),
        ("", set()),
    ],
)
def test_buildings_of_a_text(text, buildings):
    assert buildings_of(fold(text)) == buildings
