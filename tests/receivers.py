"""Servers on loopback that take what smelt sends: an HTTP server and a mail server."""

import email
import email.policy
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HttpReceiver:
    """Keeps every request; `answers` are the statuses of the next ones, then 200. `headers` go with refusals."""

    def __init__(self):
        self.requests, self.answers, self.headers = [], [], {}
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.arrived:
                    status = receiver.answers.pop(0) if receiver.answers else 200
                    receiver.requests.append((self.path, dict(self.headers), body, status))
                    receiver.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                for name, value in receiver.headers.items() if status >= 300 else ():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self, path):
        """The bodies that were taken at a path, as JSON, in their order."""
        return [json.loads(body) for at, _, body, status in self.requests if at == path and status < 300]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class MailReceiver:
    """A mail server on a free port. `tls` is "starttls" (demanded before the login), "tls" or None."""

    def __init__(self, tls_context=None, tls=None, login=None):
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult

        self.messages, self.refused = [], set()
        receiver = self

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address in receiver.refused:
                    return "550 nobody of that name"
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, server, session, envelope):
                message = email.message_from_bytes(envelope.content, policy=email.policy.default)
                secure = session.ssl is not None or tls == "tls"
                receiver.messages.append((envelope.mail_from, envelope.rcpt_tos, message, secure))
                return "250 OK"

        def check(server, session, envelope, mechanism, data):
            return AuthResult(success=(data.login.decode(), data.password.decode()) == login, handled=False)

        settings = {"hostname": "127.0.0.1", "port": 0}
        if tls == "starttls":
            settings |= {"tls_context": tls_context, "require_starttls": True}
        if tls == "tls":
            settings |= {"ssl_context": tls_context}
        if login:
            settings |= {"authenticator": check, "auth_required": True, "auth_require_tls": tls == "starttls"}
        class AnyPort(Controller):
            def _trigger_server(self):
                self.port = self.server.sockets[0].getsockname()[1]
                super()._trigger_server()

        self.controller = AnyPort(Handler(), **settings)
        self.controller.start()
        self.port = self.controller.port

    def close(self):
        self.controller.stop(no_assert=True)
