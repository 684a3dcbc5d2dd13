"""The model card as Markdown: of what the model is made, how well it reads, where it is weak."""

from collections.abc import Mapping

from ml.artifact import Manifest

MOST_CONFUSED = 10
WEAKEST = 5

FIGURES = {
    "accuracy": "首选正确",
    "top3": "前三命中",
    "macro_f1": "各类宏平均",
    "coverage": "自动采用的占",
    "accuracy_when_confident": "自动采用的正确",
    "calibration_error": "把握与正确率之差（校准误差）",
    "danger_recall": "危险：认出的占",
    "danger_precision": "危险：提醒属实的占",
}

WEAKNESSES = (
    "训练语料是专门编写的，不是真实来件；换一个地方的说法、小区名和方言，要靠人工读件再学。",
    "一件只给一个主要类别；同时反映几件事的长信，次要的事要人看。",
    "“与物业无关”“房地产开发”和相邻的物业类别最容易混，见下面的混淆表。",
    "危险提醒宁可多报：四个提醒里约有一个不属实；没有提醒也不等于没有危险。",
    "没有标题的短句把握较低，多数会留给人工。",
)


def card(manifest: Manifest) -> str:
    """The whole card."""
    return "\n".join([
        "# 分类模型卡",
        "",
        f"版本 {manifest.version}，训练文本 {manifest.rows} 条，scikit-learn {manifest.sklearn}。",
        "下列数字来自交叉验证：每条文本都由没有见过它的模型判读。方括号是 90% 区间（自助法）。",
        "",
        "| 指标 | 数值 | 区间 |",
        "|---|---|---|",
        *(_figure(manifest, key, name) for key, name in FIGURES.items() if key in manifest.metrics),
        "",
        "## 各类",
        "",
        "| 类别 | 条数 | 精确率 | 召回率 | F1 |",
        "|---|---|---|---|---|",
        *(
            f"| {code} | {row['count']:.0f} | {row['precision']:.2f} | {row['recall']:.2f} "
            f"| {row['f1']:.2f} |"
            for code, row in manifest.per_class.items()
        ),
        "",
        "## 最常混淆",
        "",
        "| 应为 | 读作 | 条数 | 占该类 |",
        "|---|---|---|---|",
        *(
            f"| {true} | {read} | {count} | {part:.0%} |"
            for true, read, count, part in most_confused(manifest.confusion)
        ),
        "",
        "## 把握与正确率",
        "",
        "| 把握 | 条数 | 平均把握 | 正确 |",
        "|---|---|---|---|",
        *(
            f"| {low:.1f}–{low + 0.1:.1f} | {count:.0f} | {said:.2f} | {right:.2f} |"
            for low, count, said, right in manifest.reliability
        ),
        "",
        "## 已知的弱点",
        "",
        *(f"- {line}" for line in WEAKNESSES),
        f"- 读得最差的类别：{'、'.join(weakest(manifest.per_class))}。",
        "",
    ])  # fmt: skip


def _figure(manifest: Manifest, key: str, name: str) -> str:
    low, high = manifest.intervals.get(key, (None, None))
    interval = "" if low is None else f"[{low:.3f}, {high:.3f}]"
    return f"| {name} | {manifest.metrics[key]:.3f} | {interval} |"


def most_confused(
    confusion: Mapping[str, Mapping[str, int]],
) -> list[tuple[str, str, int, float]]:
    """True code, code it was read as, how often, and which share of the true code's texts: the
    largest shares first."""
    pairs = [
        (true, read, count, count / sum(row.values()))
        for true, row in confusion.items()
        for read, count in row.items()
        if read != true
    ]
    return sorted(pairs, key=lambda pair: (-pair[3], pair[:2]))[:MOST_CONFUSED]


def weakest(per_class: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The codes with the lowest F1, the lowest first."""
    return sorted(per_class, key=lambda code: (per_class[code]["f1"], code))[:WEAKEST]
