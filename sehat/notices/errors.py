"""What can go wrong while sending. Nobody outside the worker sees these."""


class GatewayError(Exception):
    """The gateway did not take the notice; it may be tried again. The text holds no content of it."""


class TooLate(GatewayError):
    """The notice is no use to anybody any more (`Kind.good_for`) and is given up."""

    def __str__(self) -> str:
        return "too late to be of use"
