"""Who gets into a real server: users, tokens, logins of browsers, TLS; and that no secret is written anywhere."""

import base64
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import threading
import unittest
from pathlib import Path

from smelt_program import PROGRAM, LakeTest, environment, smelt, smelt_ok, start

PASSWORD = "correct horse battery"
SESSION = "/api/v1/session"


def basic(name, password=PASSWORD):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


class ServerAccessTest(LakeTest):
    def setUp(self):
        super().setUp()
        smelt_ok("sql", "--lake", self.lake, "-c", "create table main.t as select 1 as i")

    def users(self, *arguments, password=None):
        command = [PROGRAM, "users", *map(str, arguments), "--lake", str(self.lake)]
        text = "" if password is None else password + "\n"
        return subprocess.run(command, input=text, capture_output=True, text=True, env=environment(), check=False)

    def add(self, name, role="reader"):
        result = self.users("add", name, "--role", role, password=PASSWORD)
        self.assertEqual(result.returncode, 0, result.stderr)

    def serve(self, *arguments, **variables):
        process = start("serve", "--lake", self.lake, "--json", "--http-port", "0", "--pg-port", "0", *arguments,
                        env=environment() | variables, cwd=self.folder)  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.printed = []
        for line in process.stdout:
            process.printed.append(line)
            found = re.search(r'"url": ?"(https?)://[^"]*:(\d+)"', line)
            if found:
                self.scheme, self.port = found[1], int(found[2])
                break
        else:
            self.fail(f"it does not listen: {process.printed}")
        process.reader = threading.Thread(target=lambda: process.printed.extend(process.stdout))
        process.reader.start()
        return process

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 0, process.printed)
        process.reader.join()

    def call(self, method, path, body=None, headers=(), context=None):
        """The status, the headers and the text."""
        kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
        more = {"context": context} if context else {}
        connection = kind("127.0.0.1", self.port, timeout=60, **more)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def log_in(self, name, password=PASSWORD, to="/x"):
        body = f"name={name}&password={password.replace(' ', '+')}&to={to}"
        return self.call("POST", "/login", body, {"Content-Type": "application/x-www-form-urlencoded",
                                                  "Origin": f"http://127.0.0.1:{self.port}",
                                                  "Sec-Fetch-Site": "same-origin"})  # fmt: skip

    def test_users_come_and_go(self):
        self.assertIn("no users", smelt_ok("users", "list", "--lake", self.lake).stdout)
        self.add("anna", "writer")
        again = self.users("add", "anna", password=PASSWORD)
        self.assertEqual(again.returncode, 2)
        self.assertIn("there is a user 'anna' already", again.stderr)
        for name, password, text in (("x y", PASSWORD, "cannot be the name"), ("b", "short", "8 to 128 characters"),
                                     ("b", "pässword-lang", "ASCII"), ("b", "", "no password")):  # fmt: skip
            result = self.users("add", name, password=password)
            self.assertEqual(result.returncode, 2, name)
            self.assertIn(text, result.stderr)
        self.assertIn("there is no role 'boss'", self.users("add", "b", "--role", "boss", password=PASSWORD).stderr)
        self.assertEqual(self.users("role", "anna", "operator").returncode, 0)
        listed = json.loads(smelt_ok("users", "list", "--json", "--lake", self.lake).stdout)
        self.assertEqual((listed["user"], listed["role"], listed["tokens"]), ("anna", "operator", 0))
        self.assertEqual(self.users("remove", "anna").returncode, 0)
        self.assertIn("there is no user 'anna'", self.users("remove", "anna").stderr)

    def test_the_file_of_users_is_its_owners_and_holds_no_secret(self):
        self.add("anna")
        token = smelt_ok("tokens", "add", "nightly", "--user", "anna", "--lake", self.lake).stdout.strip()
        file = Path(self.lake) / "_smelt/users.json"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        text = file.read_text()
        for secret in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), token, token.removeprefix("smelt_")):
            self.assertNotIn(secret, text)
        os.chmod(file, 0o644)
        refused = smelt("serve", "--lake", self.lake, "--http-port", "0", "--pg-port", "0")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("chmod 600", refused.stderr)

    def test_with_users_nobody_else_gets_in(self):
        server = self.serve()
        self.assertEqual(self.call("GET", SESSION)[0], 200)  # this machine, as long as there is no user
        self.add("anna", "writer")
        self.assertEqual(self.call("GET", SESSION)[0], 401)
        self.assertEqual(self.call("GET", "/metrics")[0], 401)
        self.assertEqual(self.call("GET", "/healthz")[0], 200)
        status, _, text = self.call("GET", SESSION, headers=basic("anna"))
        self.assertEqual((status, json.loads(text)["role"]), (200, "writer"))
        self.assertEqual(self.call("GET", "/metrics", headers=basic("anna"))[0], 403)
        wrong, unknown = (self.call("GET", SESSION, headers=basic(*pair)) for pair in (("anna", "no"), ("eve", "no")))
        self.assertEqual((wrong[0], unknown[0], wrong[2]), (401, 401, unknown[2]))
        token = smelt_ok("tokens", "add", "nightly", "--user", "anna", "--lake", self.lake).stdout.strip()
        bearer = {"Authorization": f"Bearer {token}"}
        self.assertEqual(self.call("GET", SESSION, headers=bearer)[0], 200)
        smelt_ok("tokens", "remove", "nightly", "--lake", self.lake)
        self.assertEqual(self.call("GET", SESSION, headers=bearer)[0], 401)
        self.end(server)
        log = "".join(server.printed) + "".join(file.read_text() for file in (Path(self.lake) / "_smelt/logs").glob("*"))
        self.assertIn("access.login.failed", log)
        for secret in (PASSWORD, token, basic("anna")["Authorization"][6:]):
            self.assertNotIn(secret, log)

    def test_browsers_log_in_and_out(self):
        self.add("anna")
        server = self.serve()
        status, headers, page = self.call("GET", "/login?to=/dashboards")
        self.assertEqual(status, 200)
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
        self.assertEqual((headers["X-Content-Type-Options"], headers["Referrer-Policy"]), ("nosniff", "same-origin"))
        self.assertIn('value="/dashboards"', page)
        self.assertEqual(self.log_in("anna", "wrong password")[0], 401)
        status, headers, _ = self.log_in("anna", to="/dashboards")
        self.assertEqual((status, headers["Location"]), (303, "/dashboards"))
        cookie = {"Cookie": headers["Set-Cookie"].partition(";")[0]}
        self.assertNotIn("Secure", headers["Set-Cookie"])
        token = json.loads(self.call("GET", SESSION, headers=cookie)[2])["csrf_token"]
        self.assertEqual(self.call("POST", "/logout", headers=cookie)[0], 403)
        self.assertEqual(self.call("POST", "/logout", headers=cookie | {"X-CSRF-Token": token})[0], 204)
        self.assertEqual(self.call("GET", SESSION, headers=cookie)[0], 401)
        self.end(server)

    def test_guessing_is_slowed(self):
        self.add("anna")
        server = self.serve()
        statuses = [self.call("GET", SESSION, headers=basic("anna", f"guess {i}"))[0] for i in range(7)]
        self.assertEqual(statuses[:4], [401] * 4)
        self.assertIn(429, statuses)
        status, headers, _ = self.call("GET", SESSION, headers=basic("anna", "one more"))
        self.assertEqual((status, "Retry-After" in headers), (429, True))
        self.end(server)

    def test_other_machines_want_users_and_tls(self):
        def refusal(*arguments, **variables):
            result = smelt("serve", "--lake", self.lake, "--http-port", "0", "--pg-port", "0", "--bind", "0.0.0.0", *arguments,
                           env=environment() | variables)  # fmt: skip
            self.assertEqual(result.returncode, 2, result.stdout)
            return result.stderr

        self.assertIn("smelt users add", refusal())
        self.assertIn("--tls-cert", refusal(SMELT_HTTP_TOKEN="the-token-of-the-server"))
        self.assertIn("give both", refusal("--tls-cert", "x"))
        self.assertIn("too short", refusal(SMELT_HTTP_TOKEN="short"))
        server = self.serve("--bind", "0.0.0.0", "--no-tls", SMELT_HTTP_TOKEN="the-token-of-the-server")
        self.assertEqual(self.call("GET", SESSION)[0], 401)
        bearer = {"Authorization": "Bearer the-token-of-the-server"}
        self.assertEqual(json.loads(self.call("GET", SESSION, headers=bearer)[2])["role"], "operator")
        self.end(server)

    def certificate(self, name):
        paths = [self.folder / f"{name}.pem", self.folder / f"{name}.key"]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)  # fmt: skip
        return paths

    def test_tls(self):
        certificate, key = self.certificate("first")
        self.add("anna")
        server = self.serve("--tls-cert", str(certificate), "--tls-key", str(key))
        self.assertEqual(self.scheme, "https")
        context = ssl.create_default_context(cafile=certificate)
        status, headers, _ = self.call("GET", SESSION, headers=basic("anna"), context=context)
        self.assertEqual(status, 200)
        self.assertIn("max-age", headers["Strict-Transport-Security"])
        with self.assertRaises(OSError):  # in clear text nothing is answered
            self.call("GET", "/healthz")
        old = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-tls1_1",
                              "-cipher", "DEFAULT:@SECLEVEL=0"], input=b"", capture_output=True, check=False)  # fmt: skip
        self.assertNotEqual(old.returncode, 0)
        self.end(server)
        other = self.certificate("second")[1]
        refused = smelt("serve", "--lake", self.lake, "--http-port", "0", "--pg-port", "0", "--tls-cert", certificate, "--tls-key", other)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("belong", refused.stderr)

    def test_a_renewed_certificate_is_taken(self):
        certificate, key = self.certificate("first")
        server = self.serve("--tls-cert", str(certificate), "--tls-key", str(key))
        for new, old in zip(self.certificate("second"), (certificate, key), strict=True):
            os.replace(new, old)
        context = ssl.create_default_context(cafile=certificate)
        for _ in range(200):  # the files are looked at once a second
            try:
                status = self.call("GET", "/healthz", context=context)[0]
                break
            except ssl.SSLCertVerificationError:
                threading.Event().wait(0.05)
        self.assertEqual(status, 200)
        self.end(server)


if __name__ == "__main__":
    unittest.main()
