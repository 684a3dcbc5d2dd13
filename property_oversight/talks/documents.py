"""Notice, minutes, rectification order: filled from templates that the office can edit."""

import io
import re
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from property_oversight.talks.models import Document, Talk, TalkEvent

TEMPLATES = {
    Document.Kind.NOTICE: "notice.docx",
    Document.Kind.MINUTES: "minutes.docx",
    Document.Kind.ORDER: "order.docx",
}

# What no XML may hold; a pasted one would cost the words around it.
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_letter(event: TalkEvent, kind: Document.Kind) -> Document:
    """Fill the template for what just happened and keep the letter with it."""
    from docxtpl import DocxTemplate  # slow to import, needed by few

    template = DocxTemplate(Path(settings.FIXTURES_DIR) / "letters" / TEMPLATES[kind])
    words = {name: _NOT_IN_XML.sub("", word) for name, word in _words(event.talk, event).items()}
    template.render(words, autoescape=True)
    buffer = io.BytesIO()
    template.save(buffer)
    document = Document(event=event, kind=kind)
    document.file.save(f"{event.event_id}.docx", ContentFile(buffer.getvalue()), save=False)
    document.save()
    return document


def _words(talk: Talk, event: TalkEvent) -> dict[str, str]:
    """What a template may ask for."""
    meets_at = timezone.localtime(talk.meets_at) if talk.meets_at else None
    return {
        "number": f"约谈〔{talk.proposed_on.year}〕{talk.pk} 号",
        "company": talk.company.name,
        "estates": "、".join(estate.name for estate in talk.estates.all()),
        "because": talk.ground.because,
        "rule": talk.rule,
        "period": talk.period,
        "meets_at": f"{meets_at:%Y年%m月%d日 %H:%M}" if meets_at else "",
        "place": talk.place,
        "rectify_by": f"{talk.rectify_by:%Y年%m月%d日}" if talk.rectify_by else "",
        "note": event.note,
        "today": f"{timezone.localtime(event.at):%Y年%m月%d日}",
    }
