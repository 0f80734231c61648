"""A hub on loopback that answers as the Hugging Face hub does, and misbehaves on request.

Two servers: the hub, and the storage that large files are redirected to (another port, so another
origin). Everything is asked of objects in the test's own process: `hub.repos`, `hub.requests`,
`hub.faults`.
"""
import hashlib
import http.server
import json
import socketserver
import threading
import time
import urllib.parse


def git_hash(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class File:
    def __init__(self, content, lfs=False):
        self.content, self.lfs = content, lfs
        pointer = (f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(content)}\n"
                   f"size {len(content)}\n").encode()
        self.git = git_hash(pointer if lfs else content)
        self.etag = sha256(content) if lfs else self.git

    def entry(self, path):
        out = {"type": "file", "path": path, "size": len(self.content), "oid": self.git}
        if self.lfs:
            out["lfs"] = {"oid": self.etag, "size": len(self.content), "pointerSize": 134}
            out["xetHash"] = sha256(b"xet" + self.content)
        return out


class Repo:
    """{path: bytes}; what ends in .safetensors, .gguf or .model lies in the large-file storage."""

    def __init__(self, files, private=False, gated=False, revisions=None):
        self.files = {path: content if isinstance(content, File) else
                      File(content, path.endswith((".safetensors", ".gguf", ".model")))
                      for path, content in files.items()}
        self.commit = hashlib.sha1(repr(sorted((p, f.etag) for p, f in self.files.items())).encode()).hexdigest()
        self.revisions = {"main": self.commit, self.commit: self.commit, **(revisions or {})}
        self.private, self.gated = private, gated


class Fault:
    """What to do to the requests whose path holds `where`, `times` times (None: for ever)."""

    def __init__(self, where, times=1, **what):
        self.where, self.times, self.what = where, times, what

    def take(self, path):
        if self.where not in path or self.times == 0:
            return None
        if self.times is not None:
            self.times -= 1
        return self.what


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "fake-hub", ""
    disable_nagle_algorithm = True  # header and body are written apart; no 40 ms between them

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        hub = self.server.hub
        storage = self.server is hub.storage or self.path.startswith(hub.storage_url + "/")  # as a proxy
        with hub.lock:
            hub.requests.append((("storage " if storage else "") + self.path, dict(self.headers)))
            fault = next((what for f in hub.faults if (what := f.take(self.path)) is not None), {})
        self.fault = fault
        if "sleep" in fault:
            time.sleep(fault["sleep"])
        if "status" in fault:
            return self.reply(fault["status"], fault.get("body", b"{}"), fault.get("headers", {}))
        if "close" in fault:
            self.close_connection = True
            return None
        if "raw" in fault:
            self.wfile.write(fault["raw"])
            self.close_connection = True
            return None
        url = urllib.parse.urlsplit(self.path)
        parts = [urllib.parse.unquote(p) for p in url.path.strip("/").split("/")]
        if storage:
            content = hub.stored.get(parts[-1])
            if content is None or "Authorization" in self.headers:
                return self.reply(400, b"unknown, or a token that is not ours")
            return self.send_content(content, {"ETag": '"storage"'})
        return self.api(parts[1:], url) if parts[0] == "api" else self.resolve(parts)

    def refusal(self, name):
        """The repository, or None after the refusal has been sent."""
        hub = self.server.hub
        repo = hub.repos.get(name)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if repo is None or repo.private and token != hub.token:
            code = 401 if not token else 404
            self.reply(code, b'{"error":"Repository not found"}', {"X-Error-Code": "RepoNotFound",
                       "X-Error-Message": "Repository not found", "X-Request-Id": "Root=1-23"})
            return None
        return repo

    def moved(self, name, rest):
        to = self.server.hub.renamed.get(name)
        if to:
            self.reply(307, b"", {"Location": rest.replace(name, to, 1)})
        return bool(to)

    def api(self, parts, url):
        for kind in ("revision", "tree"):
            if kind in parts[2:]:
                at = parts.index(kind, 2)
                break
        else:
            return self.reply(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        name, revision = "/".join(parts[1:at]), parts[at + 1]
        if self.moved(name, self.path):
            return None
        repo = self.refusal(name)
        if repo is None:
            return None
        commit = repo.revisions.get(revision)
        if commit is None:
            return self.reply(404, b'{"error":"Invalid rev id"}', {"X-Error-Code": "RevisionNotFound"})
        if kind == "revision":
            return self.reply_json({"id": name, "modelId": name, "sha": commit, "siblings": [], "private": repo.private,
                                    "tags": [], "downloads": 0, "likes": 0})
        entries = [f.entry(p) for p, f in sorted(repo.files.items())]
        folders = sorted({p.rsplit("/", 1)[0] for p in repo.files if "/" in p})
        entries = [{"type": "directory", "path": p, "size": 0, "oid": "0" * 40} for p in folders] + entries
        page = int(dict(urllib.parse.parse_qsl(url.query)).get("cursor", 0))
        size = self.server.hub.page_size
        headers = {}
        if (page + 1) * size < len(entries):
            query = f"recursive=true&expand=false&cursor={page + 1}"
            headers["Link"] = f'<{self.server.hub.url}{url.path}?{query}>; rel="next"'
        return self.reply_json(entries[page * size:(page + 1) * size], headers)

    def resolve(self, parts):
        at = parts.index("resolve") if "resolve" in parts else -1
        if at < 1:
            return self.reply(404, b"not here")
        name, revision, path = "/".join(parts[:at]), parts[at + 1], "/".join(parts[at + 2:])
        if self.moved(name, self.path):
            return None
        hub = self.server.hub
        repo = self.refusal(name)
        if repo is None:
            return None
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if repo.gated and token != hub.token:
            return self.reply(401 if not token else 403, b"{}", {
                "X-Error-Code": "GatedRepo",
                "X-Error-Message": f"Access to model {name} is restricted"})
        commit = repo.revisions.get(revision)
        if commit is None:
            return self.reply(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        file = repo.files.get(path)
        if file is None:
            return self.reply(404, b"Entry not found", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit})
        headers = {"X-Repo-Commit": commit}
        if not file.lfs:
            return self.send_content(file.content, {**headers, "ETag": f'"{file.etag}"'})
        hub.stored[file.etag] = file.content
        return self.reply(302, b"", {**headers, "X-Linked-Etag": f'"{file.etag}"', "X-Linked-Size": len(file.content),
                                     "Location": self.fault.get("location", f"{hub.storage_url}/{file.etag}?signed=1")})

    def send_content(self, content, headers):
        fault, hub = self.fault, self.server.hub
        content = fault.get("content", content)
        wanted = self.headers.get("Range", "")
        status, total = 200, len(content)
        if wanted.startswith("bytes=") and hub.ranges and not fault.get("no_range"):
            first, _, last = wanted[6:].partition("-")
            first, last = int(first), int(last) if last else total - 1
            if first >= total:
                return self.reply(416, b"", {"Content-Range": f"bytes */{total}"})
            last = min(last, total - 1)
            status, content = 206, content[first:last + 1]
            headers = {**headers, "Content-Range": fault.get("content_range", f"bytes {first}-{last}/{total}")}
        headers = {**headers, **fault.get("more_headers", {})}
        return self.reply(status, content, headers)

    def reply_json(self, value, headers=None):
        self.reply(200, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    def reply(self, status, body, headers=None):
        fault = getattr(self, "fault", {})
        self.send_response(status)
        headers = {"Content-Length": len(body), **(headers or {})}
        for key, value in headers.items():
            if value is not None:
                self.send_header(key, str(value))
        self.end_headers()
        if self.command == "HEAD":
            return
        cut = fault.get("cut")
        pace = self.server.hub.pace
        try:
            if cut is not None and status in (200, 206):
                self.wfile.write(body[:cut])
                self.wfile.flush()
                self.close_connection = True
                self.connection.shutdown(2)
            elif pace and len(body) > pace[0]:
                for at in range(0, len(body), pace[0]):
                    self.wfile.write(body[at:at + pace[0]])
                    time.sleep(pace[1])
            else:
                self.wfile.write(body)
        except OSError:
            self.close_connection = True


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass  # clients that are killed


class FakeHub:
    def __init__(self, tls=None, storage_tls=None):
        """With ssl contexts for https."""
        self.lock = threading.Lock()
        self.repos, self.renamed, self.stored = {}, {}, {}
        self.requests, self.faults = [], []
        self.token = "hf_secret"
        self.page_size = 1000
        self.ranges = True
        self.pace = None  # (bytes, seconds)
        self.main, self.storage = (Server(("127.0.0.1", 0), Handler) for _ in range(2))
        for server, context in ((self.main, tls), (self.storage, storage_tls)):
            server.hub = self
            if context:
                server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url, self.storage_url = (f"http{'s' if context else ''}://127.0.0.1:{s.server_address[1]}"
                                      for s, context in ((self.main, tls), (self.storage, storage_tls)))

    def close(self):
        for server in (self.main, self.storage):
            server.shutdown()
            server.server_close()

    def reset(self):
        with self.lock:
            self.requests.clear()
            self.faults.clear()
        self.pace, self.ranges, self.page_size = None, True, 1000

    def paths(self):
        with self.lock:
            return [path for path, _ in self.requests]
