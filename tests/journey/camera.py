"""What a telephone brings and Chromium on Linux does not: a reader of codes; and a camera that is not to be had."""

import json


def reads(text: str) -> str:
    """A script for a page whose browser finds that code as soon as the camera gives a picture."""
    return f"""
window.BarcodeDetector = class {{
  static async getSupportedFormats() {{ return ["qr_code"]; }}
  async detect(video) {{ return video.videoWidth ? [{{ rawValue: {json.dumps(text)} }}] : []; }}
}};
"""


def fails(error: str) -> str:
    """A script for a page whose browser gives no camera: NotAllowedError, NotFoundError."""
    return (
        reads("") + f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }};"
    )
