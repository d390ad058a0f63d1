"""The public pages."""

import hashlib
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sehat.kernel.clock import now
from sehat.site import queries, services
from sehat.site.forms import ContactForm


def _is_piece(request: HttpRequest) -> bool:
    """Whether htmx asks for the moving piece of the page only."""
    return "HX-Request" in request.headers


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the portal is, the six steps, the day in figures."""
    template = "site/home.html#figures" if _is_piece(request) else "site/home.html"
    return render(request, template, {"figures": queries.figures(now=now())})


@require_safe
def doctors(request: HttpRequest) -> HttpResponse:
    """Who sits in which OPD, and what each one is doing now."""
    template = "site/doctors.html#doctors" if _is_piece(request) else "site/doctors.html"
    return render(request, template, {"doctors": queries.doctors()})


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponseBase:
    """The contact form; a message is acknowledged and lies before HQ."""
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        form.instance.language = get_language()
        services.receive(form.instance)
        return redirect("site:contact_sent")
    return render(request, "site/contact.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages, of the notices too for those who are signed in, and go back."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        patient = request.patient  # type: ignore[attr-defined]
        services.choose_language(chosen, patient=patient, staff=request.user)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=request.is_secure(),
            samesite="Lax",
        )
    return response


@require_safe
@cache_control(public=True, max_age=86400)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest: a telephone can put the portal beside its other apps."""
    return render(request, "site/app.webmanifest", content_type="application/manifest+json")


# What the page without a line is made of. No fonts: a telephone has its own.
OFFLINE_FILES = ("kernel/fonts.css", "kernel/portal.css", "kernel/mark.svg", "site/offline.js")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What to do without a line; kept on the telephone by the service worker."""
    return HttpResponse(_offline())


@cache
def _offline() -> str:
    return render_to_string("site/offline.html", {"languages": [code for code, _name in settings.LANGUAGES][::-1]})


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that makes the portal an app; its name is fixed, and its first line new with each look."""
    files = [static(name) for name in OFFLINE_FILES]
    version = hashlib.sha256("|".join([*files, _offline()]).encode()).hexdigest()[:12]
    context = {"files": files, "version": version, "static": settings.STATIC_URL}
    return render(request, "site/sw.js", context, content_type="text/javascript")


def page(template: str) -> Callable[[HttpRequest], HttpResponseBase]:
    """A page that only says something."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        return render(request, template)

    return view
