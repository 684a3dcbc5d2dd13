"""What a person may type at the desks."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.models import Category
from complaints.queries import all_categories
from complaints.workdays import quarter
from property_oversight.evaluations.models import Question
from property_oversight.registry.models import Estate
from property_oversight.registry.queries import estates_by_code, estates_named_like
from property_oversight.web.resident_forms import PhotosField

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_LONGEST = 5000
_MOST_NAMESAKES = 5


def words(
    label: "str | _StrPromise", missing: "str | _StrPromise" = "", *, rows: int = 4
) -> forms.CharField:
    """A box for a few sentences. Its length is checked here and not by the browser, which would cut
    off what is pasted without a word."""
    return forms.CharField(
        label=label,
        required=bool(missing),
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
        validators=[_not_too_long],
        error_messages={"required": missing},
    )


def _not_too_long(text: str) -> None:
    if len(text) > _LONGEST:
        raise ValidationError(
            _("最多 %(most)d 字，现有 %(count)d 字，请删短一些"),
            code="text_too_long",
            params={"most": _LONGEST, "count": len(text)},
        )


class EstateField(forms.CharField):
    """An estate by its code or by a name that only one estate bears."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def clean(self, value: Any) -> Estate | None:
        text = super().clean(value)
        if not text:
            return None
        by_code = estates_by_code([text]).get(text)
        if by_code is not None:
            return by_code.merged_into or by_code
        found = list(estates_named_like(text)[: _MOST_NAMESAKES + 1])
        exact = [estate for estate in found if estate.name == text]
        if len(exact or found) == 1:
            return (exact or found)[0]
        raise ValidationError(_several(text, found), code="no_such_estate")


def _several(text: str, found: Sequence[Estate]) -> str:
    if not found:
        return str(_("登记册里没有“%(text)s”，请写小区的登记名称或编码")) % {"text": text}
    names = "、".join(f"{estate.name}（{estate.code}）" for estate in found[:_MOST_NAMESAKES])
    return str(_("“%(text)s”不止一个小区，请写编码：%(names)s")) % {"text": text, "names": names}


class SignInForm(AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": _("用户名或密码不对，请再试一次。忘了密码请找主管部门的管理员重设。"),
        "inactive": _("这个账号已经停用，请找主管部门的管理员。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("用户名")
        self.fields["username"].error_messages["required"] = _("请填用户名")
        self.fields["password"].label = _("密码")
        self.fields["password"].error_messages["required"] = _("请填密码")


class AnswerForm(forms.Form):
    """What the firm has done, for the resident to read."""

    text = words(_("答复内容"), _("请写明怎么处理的，居民会看到"))
    photos = PhotosField(
        label=_("照片"), required=False, help_text=_("最多 3 张，例如修好后的样子。")
    )


class CheckForm(forms.Form):
    """What the community has seen on site."""

    text = words(_("现场看到的情况"), _("请写明现场看到的情况"))
    photos = PhotosField(label=_("照片"), required=False, help_text=_("最多 3 张。"))


class ContestForm(forms.Form):
    """Why the complaint is not the firm's."""

    note = words(_("异议理由"), _("请写明理由，例如：不是我们服务的小区、当日合同已经到期"))


class ReasonForm(forms.Form):
    """Why; kept on record."""

    note = words(_("理由"), _("请写明理由"))


class CorrectForm(forms.Form):
    """What a complaint is about: a button for a likely kind, or one of all kinds."""

    choice = forms.CharField(required=False, widget=forms.HiddenInput)
    category = forms.ModelChoiceField(
        all_categories(), label=_("其他类别"), required=False, empty_label=_("请选择")
    )
    danger = forms.BooleanField(label=_("有危及人身安全的情况"), required=False)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("choice"):
            said["category"] = all_categories().filter(pk=said["choice"]).first()
        if not isinstance(said.get("category"), Category) and "category" not in self.errors:
            self.add_error("category", ValidationError(_("请选一个类别"), code="no_category"))
        return said


class OneOfThreeForm(CorrectForm):
    """As `CorrectForm`, where nothing is chosen beforehand: a button pressed beside another kind in
    the box (Enter does that) is a slip."""

    def clean(self) -> dict[str, Any]:
        boxed = self.cleaned_data.get("category")
        said = super().clean()
        if boxed is not None and said.get("category") != boxed:
            slip = _("按下的和选中的不是同一类，请再选一次")
            self.add_error("category", ValidationError(slip, code="two_categories"))
        return said


class PromoteForm(forms.Form):
    """Why a candidate is put into use; needed where its figures are worse."""

    note = words(_("理由"), rows=2)


class DecideForm(forms.Form):
    """Which estate it is: a button for a candidate, or a name."""

    choice = EstateField(required=False, widget=forms.HiddenInput)
    estate = EstateField(
        label=_("其他小区"), required=False, help_text=_("写小区的登记名称或编码。")
    )
    note = words(_("认定说明"), rows=2)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        said["estate"] = said.get("choice") or said.get("estate")
        if said["estate"] is None and not self.errors:
            self.add_error("estate", ValidationError(_("请写明是哪个小区"), code="no_estate"))
        return said


class OverturnForm(forms.Form):
    """The firm was right: whose it is then."""

    whose = forms.ChoiceField(
        label=_("这件投诉应当"),
        choices=[
            ("another", _("归到另一个小区")),
            ("nobody", _("不归任何物业企业")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选一项")},
    )
    estate = EstateField(
        label=_("另一个小区"), required=False, help_text=_("写小区的登记名称或编码。")
    )
    note = words(_("理由"), _("请写明理由"))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("whose") == "nobody":
            said["estate"] = None
        elif said.get("whose") and said.get("estate") is None and "estate" not in self.errors:
            self.add_error("estate", ValidationError(_("请写明是哪个小区"), code="no_estate"))
        return said


class TransferForm(forms.Form):
    """To whom a matter goes that is no firm's."""

    department = forms.CharField(
        label=_("转交给"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请写明转交给哪个单位")},
    )
    note = words(_("说明"), rows=2)


class JoinForm(forms.Form):
    """Which complaint this one repeats."""

    number = forms.CharField(
        label=_("首件的编号"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填首件的编号")},
    )


class BringTogetherForm(forms.Form):
    """Which complaint tells of the same matter, and why that is so."""

    number = forms.CharField(
        label=_("邻居那一件的编号"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填邻居那一件的编号")},
    )
    note = words(_("理由"), _("请写明理由"), rows=2)


class NotifyForm(forms.Form):
    """When and where a talk is held."""

    day = forms.DateField(
        label=_("约谈日期"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("请选日期"), "invalid": _("请写成 2026-11-24 的样子")},
    )
    hour = forms.TimeField(
        label=_("约谈时间"),
        initial=time(9, 30),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": _("请选时间"), "invalid": _("请写成 09:30 的样子")},
    )
    place = forms.CharField(
        label=_("约谈地点"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请写明约谈地点")},
    )
    note = words(_("写进通知书的说明"), rows=2)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("day") and said.get("hour"):
            moment = datetime.combine(said["day"], said["hour"])
            said["meets_at"] = timezone.make_aware(moment)
        return said


class MinutesForm(forms.Form):
    """What was said and promised."""

    note = words(_("约谈纪要"), _("请写明谈了什么、企业承诺了什么"), rows=6)


class OrderForm(forms.Form):
    """What has to be mended, and by when."""

    note = words(_("整改要求"), _("请写明要整改什么"), rows=6)
    rectify_by = forms.DateField(
        label=_("整改期限"),
        required=False,
        help_text=_("不填则为 15 个工作日。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("请写成 2026-11-24 的样子")},
    )


class LookForm(forms.Form):
    """What the community saw when it looked whether it is mended."""

    note = words(_("现场看到的情况"), _("请写明现场看到的情况"))


class QuarterForm(forms.Form):
    """Which quarter to reckon."""

    period = forms.CharField(
        label=_("季度"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("写作 2026Q3：2026 年第三季度。"),
        error_messages={"required": _("请填季度")},
    )

    def clean_period(self) -> str:
        period: str = self.cleaned_data["period"].strip().upper()
        quarter(period)
        return period


class EvaluationForm(forms.Form):
    """Points for each question, and a comment."""

    def __init__(self, questions: Sequence[Question], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            outside = _("应在 0 到 %(most)d 分之间") % {"most": question.points}
            self.fields[self._name(question)] = forms.IntegerField(
                label=question.text,
                min_value=0,
                max_value=question.points,
                help_text=_("0 到 %(most)d 分") % {"most": question.points},
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                error_messages={
                    "required": _("请打分"),
                    "invalid": _("请填整数"),
                    "min_value": outside,
                    "max_value": outside,
                },
            )
        self.fields["comment"] = words(_("意见"), rows=3)

    @staticmethod
    def _name(question: Question) -> str:
        return f"q-{question.code}"

    def answers(self) -> dict[Question, int]:
        """What was given for each question."""
        return {one: self.cleaned_data[self._name(one)] for one in self.questions}

    @classmethod
    def given(cls, answers: dict[str, int], comment: str) -> dict[str, Any]:
        """Initial values: what was given before, by code of question."""
        return {f"q-{code}": points for code, points in answers.items()} | {"comment": comment}
