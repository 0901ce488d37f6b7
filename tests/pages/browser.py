"""A real Chromium for tests, driven by its DevTools protocol through a pipe.

Nothing is downloaded: the browser is the one of the system, $CHROMIUM or the first of the usual names on the path.
Input goes the way a person's goes: the mouse to where an element is, keys to what has the focus.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

PATIENCE_S = 30
KEYS = {
    "Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, ""), " ": (32, " "), "ArrowUp": (38, ""), "ArrowDown": (40, ""),
    "ArrowLeft": (37, ""), "ArrowRight": (39, ""), "Home": (36, ""), "End": (35, ""),
}  # fmt: skip


def executable():
    """The path of a Chromium, or nothing."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


class BrowserError(AssertionError):
    """What the browser refused, or did not do in time."""


class Browser:
    """One process of Chromium with a profile of its own that is deleted with it."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        command = [
            executable(), "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en-US",
        ]  # fmt: skip
        if os.geteuid() == 0:
            command.append("--no-sandbox")
        self.process, self.sender, self.receiver = self.launch([*command, "about:blank"])
        self.number, self.buffer, self.pages = 0, b"", {}

    @staticmethod
    def launch(command):
        """Starts it with the pipe's two ends at descriptors 3 and 4, where it looks for them."""
        commands, ours_out = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe())
        ours_in, answers = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe())

        def arrange():
            os.dup2(commands, 3)
            os.dup2(answers, 4)

        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   close_fds=False, preexec_fn=arrange, env=os.environ | {"LANG": "en_US.UTF-8", "TZ": "UTC"})  # fmt: skip
        os.close(commands)
        os.close(answers)
        return process, ours_out, ours_in

    def call(self, method, session=None, **parameters):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.sender, data) :]
        until = time.monotonic() + PATIENCE_S
        while True:
            answer = self.receive(until)
            if answer is None:
                raise BrowserError(f"{method}: no answer within {PATIENCE_S} s")
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def receive(self, until):
        """The next message before `until`; events are given to their page on the way. Nothing when there was none."""
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.receiver], [], [], max(0, until - time.monotonic()))
            if not ready:
                return None
            data = os.read(self.receiver, 1 << 20)
            if not data:
                raise BrowserError("the browser ended")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        if "id" not in message and message.get("sessionId") in self.pages:
            self.pages[message["sessionId"]].take(message["method"], message["params"])
        return message

    def listen(self, seconds):
        """Takes events for so long."""
        until = time.monotonic() + seconds
        while self.receive(until) is not None:
            pass

    def page(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        return Page(self, target)

    def close(self):
        try:
            self.call("Browser.close")
        except (BrowserError, OSError):
            self.process.kill()
        self.process.wait()
        os.close(self.sender)
        os.close(self.receiver)
        self.profile.cleanup()


class Page:
    """A tab. `complaints` are the errors that its console showed, `requests` the addresses that it asked for."""

    def __init__(self, browser, target):
        self.browser, self.target = browser, target
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.pages[self.session] = self
        self.complaints, self.requests = [], []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.size()

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def take(self, event, details):
        if event == "Runtime.exceptionThrown":
            thrown = details["exceptionDetails"]
            self.complaints.append(thrown.get("exception", {}).get("description", thrown["text"]))
        elif event == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(value.get("value", value.get("description"))) for value in details["args"]))
        elif event == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{details['entry']['text']} {details['entry'].get('url', '')}")
        elif event == "Network.requestWillBeSent":
            self.requests.append(details["request"]["url"])

    def size(self, width=1440, height=900, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1,
                  mobile=phone)  # fmt: skip
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)

    def prefer(self, scheme="light", motion="reduce"):
        features = [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def open(self, address):
        self.call("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, script):
        """The value of an expression, which may be a promise."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{script}\n{answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    def until(self, script, patience_s=PATIENCE_S):
        """Waits for an expression to become true, and gives its value."""
        end = time.monotonic() + patience_s
        while True:
            try:
                value = self.evaluate(script)
            except BrowserError:
                value = None  # the document may be on its way out
                if time.monotonic() > end:
                    raise
            if value or value == {}:  # an element comes as an empty object
                return value
            if time.monotonic() > end:
                complaints = "\n".join(self.complaints[:5])
                raise BrowserError(f"never true: {script}\n{complaints}\n{self.evaluate('document.body.innerText')[:1500]}")
            self.browser.listen(0.02)

    def text(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? null")

    def texts(self, selector):
        return self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map((e) => e.innerText.trim())")

    def click(self, selector, text=None):
        """Clicks in the middle of the first visible element that fits and, where given, has this text."""
        which = f"[...document.querySelectorAll({json.dumps(selector)})].find((e) => e.checkVisibility()"
        which += ")" if text is None else f" && e.innerText.trim() === {json.dumps(text)})"
        self.until(f"!!{which}")
        self.evaluate(f"{which}.scrollIntoView({{block: 'center', inline: 'center', behavior: 'instant'}})")
        box = self.evaluate(f"(({{left, top, width, height}}) => [left + width / 2, top + height / 2])({which}.getBoundingClientRect())")
        self.click_at(*box)

    def click_at(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key, shift=False):
        code, text = KEYS.get(key, (ord(key.upper()[0]), key))
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        if len(key) > 1:
            common["code"] = key
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def screenshot(self, path, whole=True):
        """A PNG of the page, from top to bottom or as far as it is seen."""
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(picture["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        self.browser.pages.pop(self.session, None)
