"""The images of a Radiopaedia study out of either route: `/stacks` (to 2024) or `/annotated_viewer_json` (2026)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from crawlers.faults import LayoutChanged
from crawlers.source import Source
from pipelines.records import Image, Issue, Study

_IMAGES = "https://prod-images-static.radiopaedia.org/images"
# A radiographic series holds a few films, a CT stack some dozens of slices at least.
_FILMS_AT_MOST = 4


@dataclass(frozen=True)
class Stack:
    """Hold one stack of a study: its images in the site's order, and which of them the contributor made the key."""

    modality: str
    images: list[Image]
    key: int | None


def stacks_in(body: bytes, url: str) -> list[Stack]:
    """Return the stacks that either route answers with; raise `LayoutChanged` for anything else."""
    try:
        answer = json.loads(body)
        study = answer.get("study") if isinstance(answer, dict) else None
        return list(_viewed_stacks(study) if study else _listed_stacks(answer))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LayoutChanged(url, f"stack of images ({error!r})") from error


def study_with(study: Study, stacks: list[Stack], source: Source) -> tuple[Study, list[Issue]]:
    """Return the study with the images to look at, and the issues met.

    Every film of a radiograph is taken; of a CT stack only the key image, as the collection holds one row a film and
    not one a slice; of pictures that are no imaging (diagrams, photographs, annotated copies) none.
    """
    images: list[Image] = []
    issues: list[Issue] = []
    if not any(stack.images for stack in stacks):
        issues.append(Issue(kind="media missing", message=f"the study {study.caption!r} shows no image"))
    for stack in stacks:
        word = stack.modality or study.modality
        kind = source.modality_of(word)
        if not word:
            issues.append(_issue("missing value", "neither page nor viewer states the modality of a study"))
        elif kind is None:
            issues.append(_issue("unknown vocabulary", f"unknown modality {word!r}"))
        if kind == "X-ray" or (kind is None and len(stack.images) <= _FILMS_AT_MOST):
            images += stack.images
        elif kind != "skip" and stack.images:
            images.append(stack.images[stack.key or 0])
    word = study.modality or next((stack.modality for stack in stacks if stack.modality), "")
    return study.model_copy(update={"modality": word, "images": images}), issues


def _issue(kind: Any, message: str) -> Issue:
    return Issue(kind=kind, field="modality", message=message)


def _listed_stacks(stacks: list[dict[str, Any]]) -> Iterator[Stack]:
    for stack in stacks:
        objects = sorted(stack["images"], key=lambda item: int(item["position"]))
        images = [
            Image(
                url=item["public_filename"],
                position=int(item["position"]),
                modality=stack["modality"],
                projection=item["plane_projection"] or "",
                caption=item.get("aux_modality") or "",
            )
            for item in objects
        ]
        yield Stack(stack["modality"], images, _key_of(objects, "show_stack_key_image"))


def _viewed_stacks(study: dict[str, Any]) -> Iterator[Stack]:
    modality = study["modality"] or ""
    position = count(1)
    for series in study["series"]:
        frames = series["frames"]
        files = (series.get("encodings") or {}).get("thumbnailed_files") or []
        images = [
            Image(
                # The list of files may be shorter than the frames; one client then asked for this name.
                url=f"{_IMAGES}/{frame['id']}/{files[i]['original'] if i < len(files) else 'dr-original.jpg'}",
                position=next(position),
                modality=modality,
                projection=series["perspective"] or "",
                caption=series.get("specifics") or "",
            )
            for i, frame in enumerate(frames)
        ]
        yield Stack(modality, images, _key_of(frames, "current"))


def _key_of(objects: list[dict[str, Any]], mark: str) -> int | None:
    return next((i for i, item in enumerate(objects) if item.get(mark)), None)
