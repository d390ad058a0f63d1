"""Row 5: a prescription made, signed and stored, against typst and pyHanko called alone; and what its form costs.

Measured in a process of its own with the portal's code in it, so that a millisecond is not lost among sockets.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench import server
from bench.result import Result, at_most, told
from bench.server import ROOT

ISSUED, ASKED = 25, 50
MOST_MS, MOST_FORM, MOST_CHANGE = 60.0, 4.0, 2.0
HTMX = {"HX-Request": "true"}
MEDICINES = (
    ("paracetamol-tablet-500-mg", "1-1-1"),
    ("famotidine-tablet-20-mg", "1-0-1"),
    ("calcium-carbonate-tablet-500-mg", "1-0-0"),
    ("ascorbic-acid-tablet-500-mg", "1-0-0"),
)


def measure() -> list[Result]:
    """All of it in one run: first the papers, then the form."""
    with tempfile.TemporaryDirectory() as folder:
        with server.running(Path(folder)):
            pass  # the first start prepares the folder
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SEHAT_")}
        environment |= {"SEHAT_DEMO": "1", "DATA": folder, "DJANGO_SETTINGS_MODULE": "sehat.config.settings"}
        command = [sys.executable, "-m", "bench.prescription"]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return [
        at_most("5 prescription of 4 medicines made, signed, stored", found["issued"], "ms", MOST_MS),
        told("5 typst and pyHanko alone, on the same sheet", found["alone"], "ms"),
        told("5 the same in CPU time", found["issued_cpu"], "CPU-ms"),
        told("5 typst and pyHanko alone, in CPU time", found["alone_cpu"], "CPU-ms"),
        at_most("5 the form opened (view and page)", found["form"], "CPU-ms", MOST_FORM),
        at_most("5 a change saved", found["saved"], "CPU-ms", MOST_CHANGE),
        at_most("5 a change saved and four lines judged", found["judged"], "CPU-ms", MOST_CHANGE),
    ]


def _median_cpu(view: Callable[[Any], Any], requests: list[Any], status: int) -> float:
    """CPU milliseconds of an answer; the requests are made before."""
    spent = []
    for request in requests:
        began = time.thread_time()
        answer = view(request)
        spent.append(1000 * (time.thread_time() - began))
        if answer.status_code != status:
            raise RuntimeError(f"{answer.status_code} instead of {status}")
    return statistics.median(spent)


def _papers(refs: list[str]) -> dict[str, float]:
    """Each consultation's prescription issued; in between, typst and pyHanko by themselves with the same inputs."""
    from sehat.consultation.models import Consultation
    from sehat.kernel.clock import now
    from sehat.papers import printing, signing
    from sehat.prescription import document, services

    written, inputs = _written(), dict[str, Any]()
    compiler = printing._compiler(document.TEMPLATE)

    class Recorder:
        def compile(self, **given: Any) -> object:
            inputs.update(given)
            return compiler.compile(**given)

    spent: dict[str, list[float]] = {name: [] for name in ("issued", "issued_cpu", "alone", "alone_cpu")}

    def clocked(name: str, act: Callable[[], object]) -> None:
        began, cpu = time.perf_counter(), time.thread_time()
        act()
        spent[f"{name}_cpu"].append(1000 * (time.thread_time() - cpu))
        spent[name].append(1000 * (time.perf_counter() - began))

    plain, printing._compiler = printing._compiler, lambda _template: Recorder()  # type: ignore[assignment]
    for number, ref in enumerate(refs):
        consultation = Consultation.objects.select_related("token__patient", "token__opd", "doctor__staff").get(ref=ref)
        issue = partial(services.issue, consultation=consultation, doctor=consultation.doctor, written=written)
        clocked("issued", lambda issue=issue: issue(now=now()))  # type: ignore[misc]
        # typst remembers what it has set before: another number is another sheet.
        data = json.loads(inputs["sys_inputs"]["data"]) | {"number": f"RX-{number:04d}-ALONE"}
        given = inputs | {"sys_inputs": inputs["sys_inputs"] | {"data": json.dumps(data)}}
        clocked("alone", partial(_alone, compiler, given, signing._signer()))
    printing._compiler = plain
    return {name: statistics.median(values[3:]) for name, values in spent.items()}


def _alone(compiler: Any, given: dict[str, Any], signer: Any) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    about = signers.PdfSignatureMetadata(field_name="Alone", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    plain = compiler.compile(**given)
    signed = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(plain)), about, signer=signer)
    return bytes(signed.getvalue())


def _written() -> Any:
    from sehat.prescription.diagnoses import classification
    from sehat.prescription.lines import Line
    from sehat.prescription.writing import Written

    lines = [Line({"medicine_code": code, "frequency": often, "days": "5"}).written for code, often in MEDICINES]
    fever = classification().get("R50.9")
    return Written("Fever and cough (3 days)", (fever,), tuple(lines), advice="Rest")  # type: ignore[arg-type]


def _form(ref: str) -> dict[str, float]:
    """The views called as Django calls them, without the middleware that every page has."""
    from django.http import HttpRequest
    from django.test import RequestFactory

    from sehat.accounts.models import Staff
    from sehat.consultation.models import Consultation
    from sehat.prescription import prescribing
    from sehat.prescription.lines import Line

    doctor = Staff.objects.get(pk=Consultation.objects.get(ref=ref).doctor.staff_id)
    factory = RequestFactory()
    lines = [Line({"medicine_code": code, "frequency": often, "days": "5"}).kept for code, often in MEDICINES]
    body = {"complaint": "Fever", "chosen": "R50.9", "confirmed": "on", "window": "bench", "line": lines}

    def by_doctor(request: HttpRequest) -> HttpRequest:
        request.user = doctor
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return request

    def saves(first: int, **more: str) -> list[HttpRequest]:
        versions = range(first, first + ASKED)
        return [by_doctor(factory.post("/", body | {"version": str(version)} | more)) for version in versions]

    form, draft = partial(prescribing.form, ref=ref), partial(prescribing.draft, ref=ref)
    opened = [by_doctor(factory.get("/", headers=HTMX)) for _ in range(ASKED)]
    form(opened[0])
    found = {"form": _median_cpu(form, opened, 200)}
    draft(by_doctor(factory.post("/", body | {"version": "0", "claim": "open"})))
    found["saved"] = _median_cpu(draft, saves(1), 204)
    return found | {"judged": _median_cpu(draft, saves(1 + ASKED, judge="1"), 200)}


def _main() -> None:
    import django

    django.setup()
    from django.conf import settings

    from sehat.prescription import making
    from tests.consultation.scene import play

    making._load()
    refs = [one["ref"] for one in play(settings.DATA, "meet", str(ISSUED + 1))]
    print(json.dumps(_form(refs.pop()) | _papers(refs)))


if __name__ == "__main__":
    _main()
