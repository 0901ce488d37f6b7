"""A lake behind a running server, seen by a browser: made once for all tests of a class."""

import json
import os
import shutil
import tempfile
import threading
import unittest
from pathlib import Path

from browser import Browser, executable
from smelt_program import ROOT, SMALL_SCALE, query, smelt_ok, start

PROJECT = Path(__file__).resolve().parent / "project"
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS", ROOT / "build/screenshots"))
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
READY = "document.querySelectorAll('[data-tile]').length > 0 && !document.querySelector('[data-state=loading], .skeleton')"


class Server:
    """`smelt serve` on a free port; what it prints is read all along."""

    def __init__(self, lake, project, *arguments):
        self.process = start("serve", "--lake", lake, "--project-dir", project, "--http-port", "0", "--pg-port", "0", "--json", *arguments)
        self.printed = []
        self.address = None
        for line in self.process.stdout:
            self.printed.append(line)
            if line.startswith("{") and (address := json.loads(line).get("url", "")).startswith("http"):
                self.address = address
                break
        if self.address is None:
            raise AssertionError(f"no server: {''.join(self.printed)}")
        self.reader = threading.Thread(target=lambda: self.printed.extend(self.process.stdout))
        self.reader.start()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.reader.join()
        self.process.stdout.close()


class SiteTest(unittest.TestCase):
    """`self.page` is a fresh tab; when a test ends, its console must have been quiet and no other host been asked."""

    server_arguments = ("--no-scheduler",)

    project = PROJECT

    @classmethod
    def setUpClass(cls):
        if executable() is None:
            raise AssertionError("no Chromium: `make test` installs it")
        cls.folder = Path(tempfile.mkdtemp(prefix="smelt-pages-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.lake = cls.folder / "lake"
        smelt_ok("demo", "--scale", SMALL_SCALE, "--lake", cls.lake)
        cls.server = Server(cls.lake, cls.project, *cls.server_arguments)
        cls.addClassCleanup(cls.server.stop)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.page = self.browser.page()
        self.page.prefer()
        self.addCleanup(self.page.close)
        self.allowed_complaints = ()

    def tearDown(self):
        complaints = [text for text in self.page.complaints if not any(part in text for part in self.allowed_complaints)]
        self.assertEqual(complaints, [], "the console of the page")
        asked = {address for address in self.page.requests if not address.startswith((self.server.address, "data:", "blob:", "about:"))}
        self.assertEqual(asked, set(), "requests to elsewhere")

    def open(self, path, ready=READY):
        self.page.open(self.server.address.rstrip("/") + path)
        self.page.until(ready)

    def query(self, sql):
        return query(self.lake, sql)

    def change(self, sql):
        smelt_ok("sql", "--lake", self.lake, "-c", sql)

    def shoot(self, name):
        """A picture for people to look at: build/screenshots."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.browser.listen(0.3)
        self.page.screenshot(SCREENSHOTS / f"{name}.png")

    def assert_accessible(self):
        """What axe finds against WCAG 2.2 A and AA on the page as it stands."""
        self.page.evaluate(AXE.read_text(encoding="utf-8") + "; true")
        rules = json.dumps({"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
        found = self.page.evaluate(
            f"axe.run(document, {rules}).then((found) => found.violations.map((v) => "
            "`${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`))"
        )
        self.assertEqual(found, [])
