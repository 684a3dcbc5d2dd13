"""What a resident may type."""

import re
import unicodedata
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from complaints.actions import LONGEST_TEXT, Draft
from property_oversight.registry.models import Estate
from property_oversight.registry.queries import estates_by_code

MOST_PHOTOS = 3
_LONGEST_REASON = 2000
_PHOTO_PROBLEMS = {"not_a_picture", "picture_too_large"}
_MOBILE = re.compile(r"1[3-9]\d{9}")
_PHONE = re.compile(r"\+?[\d\-()]{7,20}")


class _PhotosInput(forms.FileInput):
    """A file box for several files."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to three pictures; whether they are pictures is found out when they are stored."""

    # Telephones that keep another format hand out JPEG where it is asked for by name.
    widget = _PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        photos: list[UploadedFile] = [
            super(PhotosField, self).clean(one, initial) for one in data or [] if one
        ]
        if len(photos) > MOST_PHOTOS:
            raise ValidationError(
                _("最多 %(most)d 张照片，您选了 %(count)d 张"),
                code="too_many_photos",
                params={"most": MOST_PHOTOS, "count": len(photos)},
            )
        for photo in photos:
            if (photo.size or 0) > settings.UPLOAD_LIMIT_BYTES:
                raise ValidationError(
                    _("照片“%(name)s”太大，每张不超过 %(most)d 兆"),
                    code="photo_too_large",
                    params={
                        "name": photo.name,
                        "most": settings.UPLOAD_LIMIT_BYTES // (1024 * 1024),
                    },
                )
        return photos


def refuse(form: forms.Form, error: ValidationError) -> None:
    """The domain's refusal, beside the box it is about."""
    about_photos = getattr(error, "code", None) in _PHOTO_PROBLEMS and "photos" in form.fields
    form.add_error("photos" if about_photos else None, error)


def contents(photos: Sequence[UploadedFile]) -> list[bytes]:
    """The photos as the domain takes them."""
    return [photo.read() for photo in photos]


class ComplaintForm(forms.Form):
    """One box is enough; everything else helps."""

    text = forms.CharField(
        label=_("您要反映什么事？"),
        help_text=_("写清哪个小区、哪栋楼、什么时候、什么事就够了。不用写身份证号。"),
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
        error_messages={"required": _("请写下您要反映的事")},
    )
    estate = forms.CharField(required=False, widget=forms.HiddenInput)
    stated_estate = forms.CharField(
        label=_("哪个小区"),
        required=False,
        max_length=120,
        help_text=_("写小区名称；不确定也没关系。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    photos = PhotosField(
        label=_("照片"), required=False, help_text=_("最多 3 张。照片里的拍摄地点会自动去掉。")
    )
    name = forms.CharField(
        label=_("您的姓名"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("您的电话"),
        required=False,
        max_length=40,
        help_text=_("留了电话，工作人员才能找您核实。"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    hides_phone = forms.BooleanField(
        label=_("不要把我的联系方式给物业公司"), required=False, initial=True
    )
    # A person sees neither; a robot fills in the first, a double click repeats the second.
    website = forms.CharField(
        label=_("此栏请留空"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    token = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean_text(self) -> str:
        return _not_longer(self.cleaned_data["text"], LONGEST_TEXT)

    def clean_estate(self) -> Estate | None:
        code = self.cleaned_data["estate"].strip()
        if not code:
            return None
        estate = chosen_estate(code)
        if estate is None:
            raise ValidationError(
                _("登记册里没有编码为“%(code)s”的小区，请改填小区名称"),
                code="no_such_estate",
                params={"code": code},
            )
        return estate

    def clean_phone(self) -> str:
        phone = re.sub(r"\s", "", unicodedata.normalize("NFKC", self.cleaned_data["phone"]))
        mobile = phone.replace("-", "")
        if _MOBILE.fullmatch(mobile):
            return mobile
        if phone and not _PHONE.fullmatch(phone):
            raise ValidationError(
                _("这个电话看起来不对，请填手机号或带区号的座机号，也可以不填"), code="bad_phone"
            )
        return phone

    def draft(self) -> Draft:
        """The complaint as the person wrote it."""
        said = self.cleaned_data
        estate: Estate | None = said["estate"]
        return Draft(
            text=said["text"],
            external_id=self._ticket(),
            stated_estate=estate.code if estate else said["stated_estate"],
            reporter_name=said["name"],
            reporter_phone=said["phone"],
            shows_phone_to_firm=bool(said["phone"]) and not said["hides_phone"],
        )

    def _ticket(self) -> str:
        """The same page sent twice is one complaint; the same page with other words is another.
        Everybody may read a ticket's number, so the token cannot be found out from it: who sends
        the token again is shown the tracking code."""
        said = self.cleaned_data
        token = said["token"] or uuid.uuid4()
        estate = said["estate"].code if said["estate"] else said["stated_estate"]
        content = "\n".join([str(token), estate, said["text"]])
        return f"web-{salted_hmac('web.ticket', content, algorithm='sha256').hexdigest()[:24]}"


def chosen_estate(code: str) -> Estate | None:
    """The estate with this code, or what it has become."""
    estate = estates_by_code([code.strip()]).get(code.strip())
    return (estate.merged_into or estate) if estate else None


class SupplementForm(forms.Form):
    """More words, more pictures."""

    text = forms.CharField(
        label=_("要补充的内容"),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={"required": _("请写下要补充的内容")},
    )
    photos = PhotosField(label=_("照片"), required=False, help_text=_("最多 3 张。"))

    def clean_text(self) -> str:
        return _not_longer(self.cleaned_data["text"], LONGEST_TEXT)


class ConfirmForm(forms.Form):
    """It is mended; whether the person is content is another question."""

    satisfied = forms.ChoiceField(
        label=_("您对这次办理满意吗？"),
        choices=[("yes", _("满意")), ("no", _("不满意"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选一项：满意，或者不满意")},
    )


class ReasonForm(forms.Form):
    """Why it is not mended."""

    text = forms.CharField(
        label=_("哪里没有解决？"),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={"required": _("请写一句哪里没有解决，办理单位才好重办")},
    )

    def clean_text(self) -> str:
        return _not_longer(self.cleaned_data["text"], _LONGEST_REASON)


def _not_longer(text: str, most: int) -> str:
    # Not by max_length: the browser would cut off what is pasted, and nobody would notice.
    if len(text) > most:
        raise ValidationError(
            _("最多 %(most)d 字，现有 %(count)d 字，请删短一些"),
            code="text_too_long",
            params={"most": most, "count": len(text)},
        )
    return text
