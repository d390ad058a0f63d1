"""The commandant's own pages: the roster of the week, hours and holidays of the OPDs that the hospital runs."""

from datetime import date, timedelta
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from sehat.accounts.rules import Role
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.clinic import services
from sehat.clinic.models import DUTY_PARTS, Doctor, Holiday, Hospital, Opd, OpeningHours
from sehat.clinic.queries import roster as roster_of
from sehat.clinic.rules import DEFAULT_HOURS, DutyPart
from sehat.kernel.clock import india_day, now
from sehat.office.forms import HolidayForm, HoursForm
from sehat.office.scope import about, own_hospital

FARTHEST = timedelta(days=366)


def _monday(request: HttpRequest) -> date:
    """The Monday of the asked week; of this one where none, or a senseless one, is asked for."""
    today = india_day(now())
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        day = today
    if abs(day - today) > FARTHEST:
        day = today
    return day - timedelta(days=day.weekday())


def _sent(data: QueryDict, doctors: list[Doctor], days: list[date]) -> dict[tuple[int, date], DutyPart | None]:
    """The duties of a sent form; what is no duty is none."""
    sent: dict[tuple[int, date], DutyPart | None] = {}
    for doctor in doctors:
        for day in days:
            value = data.get(f"duty-{doctor.pk}-{day}")
            if value is not None:
                sent[doctor.pk, day] = DutyPart(value) if value in set(DutyPart) else None
    return sent


def _doctors(hospital: Hospital) -> list[Doctor]:
    found = Doctor.objects.filter(hospital=hospital, staff__is_active=True).select_related("staff", "opd")
    return list(found.order_by("opd", "staff__first_name", "staff__last_name"))


@require_http_methods(["GET", "POST"])
@role_required(Role.COMMANDANT)
def roster(request: StaffRequest) -> HttpResponse:
    """Who is on duty when, a week at a time."""
    hospital, monday = own_hospital(request), _monday(request)
    days, doctors = [monday + timedelta(days=n) for n in range(7)], _doctors(hospital)
    if request.method == "POST":
        if "copy" in request.POST:
            services.copy_roster(hospital=hospital, week=monday, by=request.user)
        else:
            services.set_roster(hospital=hospital, roster=_sent(request.POST, doctors, days), by=request.user)
        return redirect(f"{reverse('office:roster')}?week={monday}&saved=1")
    duties: dict[tuple[int, date], str] = {
        (duty.doctor_id, duty.day): duty.part for duty in roster_of(hospital, frm=days[0], to=days[-1])
    }
    return render(
        request,
        "office/roster.html",
        {
            "rows": [(doctor, [(day, duties.get((doctor.pk, day), "")) for day in days]) for doctor in doctors],
            "parts": DUTY_PARTS,
            "monday": monday,
            "sunday": days[-1],
            "before": monday - services.WEEK,
            "after": monday + services.WEEK,
            "today": india_day(now()),
            "saved": "saved" in request.GET,
            **about(request, hospital),
        },
    )


def _run_by(hospital: Hospital) -> list[Opd]:
    return list(Opd.objects.filter(hospital=hospital).prefetch_related("opening_hours"))


@require_http_methods(["GET", "POST"])
@role_required(Role.COMMANDANT)
def hours(request: StaffRequest) -> HttpResponse:
    """Hours and coming holidays of the OPDs that the hospital runs; a holiday is added here."""
    hospital, today = own_hospital(request), india_day(now())
    own = Opd.objects.filter(hospital=hospital)
    form = HolidayForm(request.POST if request.method == "POST" else None, opds=own, today=today)
    if request.method == "POST" and form.is_valid():
        services.add_holiday(by=request.user, **form.cleaned_data)
        return redirect("office:hours")
    holidays = Holiday.objects.filter(day__gte=today).select_related("opd").order_by("day", "opd")
    context = {
        "opds": [(opd, _week(opd)) for opd in _run_by(hospital)],
        "others": Opd.objects.filter(pk__in=hospital.doctors.values("opd")).exclude(hospital=hospital),
        "holidays": [day for day in holidays if day.opd is None or day.opd.hospital_id == hospital.pk],
        "form": form,
        **about(request, hospital),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "office/hours.html", context, status=status)


def _week(opd: Opd) -> list[tuple[str, str]]:
    """The OPD's hours in words, day by day; a closed day has none."""
    rows = [row.hours for row in opd.opening_hours.all()] or DEFAULT_HOURS
    names = dict(OpeningHours._meta.get_field("weekday").flatchoices)
    return [
        (
            name,
            ", ".join(
                f"{h.opens:%H:%M}–{h.closes:%H:%M}" for h in sorted(rows, key=lambda h: h.opens) if h.weekday == weekday
            ),
        )
        for weekday, name in names.items()
    ]


@require_http_methods(["GET", "POST"])
@role_required(Role.COMMANDANT)
def hours_of(request: StaffRequest, code: str) -> HttpResponse:
    """The hours of one OPD that the hospital runs."""
    hospital = own_hospital(request)
    opd = Opd.objects.filter(hospital=hospital, code=code).first()
    if opd is None:
        raise Http404
    stand = tuple(row.hours for row in OpeningHours.objects.filter(opd=opd)) or DEFAULT_HOURS
    form = HoursForm(request.POST if request.method == "POST" else None, hours=stand)
    if request.method == "POST" and form.is_valid():
        services.set_hours(opd=opd, hours=form.hours, by=request.user)
        return redirect("office:hours")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"opd": opd, "form": form, **about(request, hospital)}
    return render(request, "office/hours_of.html", context, status=status)


@require_POST
@role_required(Role.COMMANDANT)
def remove_holiday(request: StaffRequest, pk: int) -> HttpResponse:
    """Open on that day after all; of an OPD that the hospital runs."""
    holiday = Holiday.objects.filter(pk=pk, opd__hospital=own_hospital(request)).select_related("opd").first()
    if holiday is None:
        raise Http404
    services.remove_holiday(holiday=holiday, by=request.user)
    return redirect("office:hours")
