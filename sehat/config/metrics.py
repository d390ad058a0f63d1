"""`/metrics` for Prometheus: how the OPD day goes, of the whole portal, whichever process answers.

Everything is read from the database, so any number of processes needs no shared memory: scrape one address. Each
figure costs one query over an index or over a few rows; what is measured of calls comes from the latest of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Min
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sehat.clinic.models import Doctor, Opd
from sehat.clinic.rules import DoctorState
from sehat.kernel.clock import now
from sehat.live import pulse
from sehat.live.counts import Drop
from sehat.notices.models import OPEN as UNSENT
from sehat.notices.models import Notice
from sehat.notices.rules import Channel
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting.models import Call
from sehat.waiting.rules import CallState

__all__ = ["CONTENT_TYPE_LATEST", "exposition"]

LATELY = timedelta(minutes=15)
MOST_CALLS = 5000
"""Of more calls than this in a quarter of an hour the latest say enough."""
QUANTILES = (0.5, 0.9)


def quantile(sorted_values: Sequence[float], part: float) -> float:
    """The value below which that part of the values lies; needs at least one value."""
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * part))]


def _quantiles(name: str, text: str, values: dict[str, list[float]]) -> Metric:
    metric = GaugeMetricFamily(name, text, labels=["opd", "quantile"])
    for opd, seconds in values.items():
        seconds.sort()
        for part in QUANTILES:
            metric.add_metric([opd, str(part)], quantile(seconds, part))
    return metric


class OpdDay(Collector):
    """The figures at one moment."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.opds = dict(Opd.objects.values_list("pk", "code"))

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        yield from self._line()
        yield from self._calls()
        yield from self._doctors()
        yield from self._notices()
        yield from self._sockets()

    def _line(self) -> Iterator[Metric]:
        length = GaugeMetricFamily("sehat_queue_length", "Patients waiting in the line of an OPD.", labels=["opd"])
        longest = GaugeMetricFamily(
            "sehat_queue_longest_wait_seconds", "How long the patient who joined first has waited.", labels=["opd"]
        )
        line = Token.objects.filter(state=State.WAITING).order_by().values("opd")
        waiting = {
            row["opd"]: (row["count"], row["first"]) for row in line.annotate(count=Count("pk"), first=Min("joined_at"))
        }
        for pk, code in self.opds.items():
            count, first = waiting.get(pk, (0, None))
            length.add_metric([code], count)
            longest.add_metric([code], (self.moment - first).total_seconds() if first else 0)
        yield length
        yield longest

    def _calls(self) -> Iterator[Metric]:
        made = GaugeMetricFamily(
            "sehat_calls_recent", "Calls made in the last 15 minutes, by how they stand.", labels=["opd", "state"]
        )
        counted = {(code, state.value): 0 for code in self.opds.values() for state in CallState}
        waits: dict[str, list[float]] = {}
        set_ups: dict[str, list[float]] = {}
        calls = Call.objects.order_by("-pk").values_list(
            "made_at", "pressed_at", "ended_at", "state", "token__joined_at", "token__opd_id"
        )
        for made_at, pressed_at, ended_at, state, joined_at, opd_id in calls[:MOST_CALLS]:
            if made_at < self.moment - LATELY:
                break
            opd = self.opds.get(opd_id, "")
            counted[opd, state] = counted.get((opd, state), 0) + 1
            if joined_at:
                waits.setdefault(opd, []).append((made_at - joined_at).total_seconds())
            if state == CallState.ANSWERED and pressed_at and ended_at:
                set_ups.setdefault(opd, []).append((ended_at - pressed_at).total_seconds())
        for labels, count in counted.items():
            made.add_metric(labels, count)
        yield made
        yield _quantiles("sehat_wait_seconds", "From joining the line to being called, last 15 minutes.", waits)
        yield _quantiles(
            "sehat_call_setup_seconds", "From Call Now pressed to the doctor's answer, last 15 minutes.", set_ups
        )

    def _doctors(self) -> Iterator[Metric]:
        doctors = GaugeMetricFamily("sehat_doctors", "Doctors by what their desk is doing.", labels=["opd", "state"])
        counted = {
            (row["opd"], row["state"]): row["count"]
            for row in Doctor.objects.order_by().values("opd", "state").annotate(count=Count("pk"))
        }
        for pk, code in self.opds.items():
            for state in DoctorState:
                doctors.add_metric([code, state.value], counted.get((pk, state), 0))
        yield doctors

    def _notices(self) -> Iterator[Metric]:
        pending = GaugeMetricFamily("sehat_notices_pending", "Notices not sent yet.", labels=["channel"])
        oldest = GaugeMetricFamily(
            "sehat_notices_oldest_seconds", "Age of the oldest notice not sent yet.", labels=["channel"]
        )
        unsent = Notice.objects.filter(state__in=UNSENT).order_by().values("channel")
        counted = {
            row["channel"]: (row["count"], row["first"])
            for row in unsent.annotate(count=Count("pk"), first=Min("created_at"))
        }
        for channel in Channel:
            count, first = counted.get(channel, (0, None))
            pending.add_metric([channel.value], count)
            oldest.add_metric([channel.value], (self.moment - first).total_seconds() if first else 0)
        yield pending
        yield oldest

    def _sockets(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("sehat_sockets", "WebSockets open.", value=pulse.sockets_open())
        dropped = CounterMetricFamily(
            "sehat_sockets_dropped", "Sockets ended by the portal, by why.", labels=["reason"]
        )
        so_far = pulse.sockets_dropped()
        for reason in Drop:
            dropped.add_metric([reason.value], so_far.get(reason, 0))
        yield dropped
        yield GaugeMetricFamily("sehat_worker_up", "Whether a worker lives.", value=int(pulse.worker_lives()))


def exposition() -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(OpdDay(now()))
    return generate_latest(registry)
