"""The NRCeS profile rules of clinical.md ("FHIR R4 documents") as checks of plain JSON; knows nothing of the maker.

`faults(bundle)` is empty for a document that keeps every rule, else it names each that is broken.
"""

import re
from collections.abc import Iterator
from typing import Any

SNOMED = "http://snomed.info/sct"
PRESCRIPTION, CONSULTATION = "440545006", "371530004"

# Section code → types of the resources that it may name (None: any).
SECTIONS: dict[str, set[str] | None] = {
    "422843007": {"Condition"},
    "425044008": {"Observation"},
    "722446000": {"AllergyIntolerance"},
    "371529009": {"Condition", "Procedure"},
    "422432008": {"FamilyMemberHistory"},
    "721963009": {"ServiceRequest"},
    "721912009": {"MedicationStatement", "MedicationRequest"},
    "390906007": {"Appointment"},
    "371525003": {"Procedure"},
    "306206005": {"ServiceRequest"},
    "404684003": {"Observation"},
    "371530004": {"DocumentReference"},
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

Json = dict[str, Any]


def faults(bundle: Json) -> list[str]:
    """Every rule that the document breaks."""
    return list(_faults(bundle))


def _faults(bundle: Json) -> Iterator[str]:
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "document":
        yield "not a document bundle"
    if not bundle.get("meta", {}).get("versionId"):
        yield "no meta.versionId"
    if not bundle.get("identifier", {}).get("system") or not bundle.get("identifier", {}).get("value"):
        yield "no identifier.system and value"
    if not INSTANT.fullmatch(bundle.get("timestamp", "")):
        yield "no timestamp"
    entries = bundle.get("entry", [])
    urls = [entry.get("fullUrl", "") for entry in entries]
    if len(set(urls)) != len(urls) or not all(urls):
        yield "fullUrls are missing or not unique"
    if not entries or entries[0]["resource"]["resourceType"] != "Composition":
        yield "the first entry is no Composition"
        return
    found = {entry["fullUrl"]: entry["resource"] for entry in entries if "fullUrl" in entry}
    for resource in found.values():
        for target in _references(resource):
            if target not in found:
                yield f"{resource['resourceType']} names {target}, which is not in the document"
        yield from _by_type(resource)
    yield from _composition(entries[0]["resource"], found)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _codes(concept: Json | None) -> set[str]:
    return {one.get("code", "") for one in (concept or {}).get("coding", []) if one.get("system") == SNOMED}


def _composition(composition: Json, found: dict[str, Json]) -> Iterator[str]:
    for name in ("status", "type", "subject", "date", "author", "title"):
        if not composition.get(name):
            yield f"Composition without {name}"
    kinds = _codes(composition.get("type"))
    sections = composition.get("section", [])
    named = [
        [found.get(entry.get("reference", ""), {"resourceType": "nothing"}) for entry in section.get("entry", [])]
        for section in sections
    ]
    if PRESCRIPTION in kinds:
        if len(sections) != 1 or not all(named):
            yield "PrescriptionRecord has not exactly one section with an entry"
        types = [resource["resourceType"] for entries in named for resource in entries]
        if set(types) - {"MedicationRequest", "Binary"}:
            yield "PrescriptionRecord names something else than MedicationRequest and Binary"
        if types.count("Binary") > 1:
            yield "PrescriptionRecord names more than one Binary"
    elif CONSULTATION in kinds:
        if not composition.get("encounter"):
            yield "OPConsultRecord without encounter"
        if not sections:
            yield "OPConsultRecord without section"
        for section, entries in zip(sections, named, strict=True):
            codes = _codes(section.get("code"))
            if len(codes) != 1 or not codes <= SECTIONS.keys():
                yield f"unknown section {sorted(codes)}"
                continue
            allowed = SECTIONS[codes.pop()]
            if not entries:
                yield "a section without entry"
            if allowed and {resource["resourceType"] for resource in entries} - allowed:
                yield f"a section names something else than {sorted(allowed)}"
    else:
        yield "neither PrescriptionRecord nor OPConsultRecord"


def _by_type(resource: Json) -> Iterator[str]:
    kind = resource["resourceType"]
    if kind in {"Patient", "Practitioner"}:
        yield from _identified(resource, ("type", "value"))
        if not any(name.get("text") for name in resource.get("name", [])):
            yield f"{kind} without name.text"
    if kind == "Organization":
        yield from _identified(resource, ("type", "system", "value"))
        if not resource.get("name"):
            yield "Organization without name"
    if kind == "Encounter" and resource.get("class", {}).get("code") != "VR":
        yield "Encounter is not virtual"
    yield from _needed(resource)
    if kind == "Observation" and not any(name.startswith(("value", "component", "dataAbsent")) for name in resource):
        yield "Observation without value"
    if kind == "DocumentReference":
        attachments = [content.get("attachment", {}) for content in resource.get("content", [])]
        if not attachments or not all(one.get("contentType") and one.get("data") for one in attachments):
            yield "DocumentReference without a file"
    if kind == "MedicationRequest":
        for name in ("medicationCodeableConcept", "authoredOn", "requester", "dosageInstruction", "status", "intent"):
            if not resource.get(name):
                yield f"MedicationRequest without {name}"
    if kind == "Binary" and (resource.get("contentType") != "application/pdf" or not resource.get("data")):
        yield "Binary is no PDF"


NEEDED = {
    "Observation": ("status", "code", "subject"),
    "ServiceRequest": ("status", "intent", "code", "subject", "requester", "authoredOn"),
    "DocumentReference": ("status", "type", "subject", "author", "content"),
    "Condition": ("code", "subject"),
    "AllergyIntolerance": ("code", "patient"),
    "MedicationStatement": ("status", "medicationCodeableConcept", "subject"),
    "Appointment": ("status", "participant"),
    "Encounter": ("status", "class", "subject"),
}
"""What the NRCeS profiles, and R4 below them, ask of each resource."""


def _needed(resource: Json) -> Iterator[str]:
    kind = resource["resourceType"]
    for name in NEEDED.get(kind, ()):
        if not resource.get(name):
            yield f"{kind} without {name}"


def _identified(resource: Json, parts: tuple[str, ...]) -> Iterator[str]:
    identifiers = resource.get("identifier", [])
    if not identifiers or not all(one.get(part) for one in identifiers for part in parts):
        yield f"{resource['resourceType']} without identifier of {', '.join(parts)}"
