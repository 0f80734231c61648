"""typecase pull, ls, rm and hub names, against a hub on loopback (fake_hub.py).

TYPECASE_TEST_ALL=1 runs the long versions: 200 kills instead of 20.
"""
import fcntl
import hashlib
import json
import os
import pathlib
import pty
import random
import re
import resource
import shutil
import signal
import ssl
import stat
import subprocess
import threading
import time
import unittest

from cli_support import GOLDEN, PROGRAM, CliTest
from fake_hub import FakeHub, Fault, File, Repo, git_hash, sha256

ALL = os.environ.get("TYPECASE_TEST_ALL") == "1"
RECORDED = GOLDEN / "hub_cache.json"


def noise(size, seed=0):
    return random.Random(seed).randbytes(size)


def damaged(content):
    return content[:-1] + bytes([content[-1] ^ 1])


def snapshot_of(root):
    """Every file, folder and link of a cache: what it is, where it leads, what it holds."""
    out = {}
    for path in sorted(pathlib.Path(root).rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            out[name] = "link " + os.readlink(path)
        elif path.is_dir():
            out[name] = "folder"
        else:
            mode = stat.S_IMODE(path.stat().st_mode)
            out[name] = f"file {mode:o} {len(path.read_bytes())} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return out


class HubTest(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hub = FakeHub()
        files = {p.name: p.read_bytes() for p in pathlib.Path(cls.model).iterdir()}
        cls.tiny = Repo({**files, "README.md": b"# tiny", "pytorch_model.bin": b"pickle", "1_Pooling/config.json": b"{}",
                         "additional_chat_templates/tool_use.jinja": b"{{ messages }}"})
        cls.weights = noise(300_000)

    @classmethod
    def tearDownClass(cls):
        cls.hub.close()
        super().tearDownClass()

    def setUp(self):
        self.hub.reset()
        self.hub.repos = {"acme/tiny": self.tiny,
                          "acme/plain": Repo({"config.json": b"{}", "model.safetensors": self.weights})}
        self.hub.renamed = {"tiny": "acme/tiny"}
        self.home = self.path("home")
        shutil.rmtree(self.home, ignore_errors=True)

    def environment(self, **more):
        clean = {k: v for k, v in super().environment().items()
                 if not k.startswith("HF_") and not k.lower().endswith("_proxy") and k != "TRANSFORMERS_OFFLINE"}
        return {**clean, "HF_HOME": self.home, "HF_ENDPOINT": self.hub.url, **more}

    @property
    def cache(self):
        return pathlib.Path(self.home) / "hub"

    def repo_folder(self, name="acme/plain"):
        return self.cache / ("models--" + name.replace("/", "--"))

    def pull(self, *arguments, **more):
        out, errors = self.cli("pull", *arguments, **more)
        return out.decode().rstrip("\n"), errors

    def visible(self):
        """Every blob and snapshot file that a reader can see is whole and has the hash of its name."""
        for blob in self.cache.glob("models--*/blobs/*"):
            if blob.name.endswith(".incomplete"):
                continue
            content = blob.read_bytes()
            self.assertIn(blob.name, (sha256(content), git_hash(content)), blob)
        for file in self.cache.glob("models--*/snapshots/*/**/*"):
            if not file.is_dir():
                self.assertTrue(file.exists(), f"{file} leads to nothing")

    def left_over(self):
        return sorted(p.name for p in self.cache.glob("models--*/blobs/*.incomplete"))


class Pull(HubTest):
    def test_a_model_comes_and_runs(self):
        path, errors = self.pull("acme/tiny")
        self.assertEqual(path, str(self.repo_folder("acme/tiny") / "snapshots" / self.tiny.commit))
        names = sorted(str(p.relative_to(path)) for p in pathlib.Path(path).rglob("*") if not p.is_dir())
        self.assertEqual(names, ["1_Pooling/config.json", "additional_chat_templates/tool_use.jinja", "config.json",
                                 "generation_config.json", "model.safetensors", "tokenizer.json"])
        self.assertRegex(errors, r"(?m)^model\.safetensors: [\d.]+kB in \d\d:\d\d$")
        self.assertRegex(errors, rf"acme/tiny at {self.tiny.commit[:7]}: 6 files, [\d.]+ kB fetched\n$")
        self.assertEqual((self.repo_folder("acme/tiny") / "refs" / "main").read_text(), self.tiny.commit)
        self.visible()
        self.assertEqual(self.left_over(), [])
        run = ("run", "abc", "--seed", "0", "--max-new-tokens", "4")
        self.assertEqual(self.cli(*run, "-m", "acme/tiny")[0], self.cli(*run, "-m", self.model)[0])

    def test_a_second_pull_fetches_nothing(self):
        self.pull("acme/tiny")
        before = snapshot_of(self.cache)
        self.hub.reset()
        _, errors = self.pull("acme/tiny")
        self.assertIn("all there already", errors)
        self.assertEqual(self.hub.paths(), ["/api/models/acme/tiny/revision/main"])
        self.assertEqual(snapshot_of(self.cache), before)

    def test_a_name_is_fetched_on_first_use_and_then_needs_no_network(self):
        out = self.cli("show", "acme/tiny", "--json")[0]
        self.assertEqual(json.loads(out)["architecture"], "LlamaForCausalLM")
        self.hub.reset()
        for more in ({}, {"HF_HUB_OFFLINE": "1"}):
            self.cli("run", "abc", "--max-new-tokens", "2", "-m", "acme/tiny", **more)
        self.assertEqual(self.hub.paths(), [])

    def test_an_old_name_without_organisation_leads_to_the_new_one(self):
        path, _ = self.pull("tiny")
        self.assertEqual(path, str(self.repo_folder("tiny") / "snapshots" / self.tiny.commit))
        self.assertIn("/api/models/acme/tiny/revision/main", self.hub.paths())

    def test_revisions(self):
        repo = self.hub.repos["acme/plain"]
        repo.revisions["refs/pr/1"] = repo.commit
        self.pull("acme/plain@refs/pr/1")
        self.assertEqual((self.repo_folder() / "refs/refs/pr/1").read_text(), repo.commit)
        self.hub.reset()
        self.pull("acme/plain", "--revision", repo.commit)
        self.assertEqual(self.hub.paths(), [], "a commit that is there needs no network at all")
        self.assertIn("no such revision", self.refused(3, "pull", "acme/plain@none"))

    def test_the_listing_may_have_pages(self):
        self.hub.page_size = 2
        self.pull("acme/tiny")
        self.assertEqual(sum("/tree/" in p for p in self.hub.paths()), 5)
        self.visible()

    def test_shards_are_those_of_the_index(self):
        index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
        shards = {name: noise(1000, i) for i, name in enumerate(sorted(set(index["weight_map"].values())))}
        self.hub.repos["acme/sharded"] = Repo({"config.json": b"{}", **shards, "consolidated.safetensors": b"x",
                                               "model.safetensors.index.json": json.dumps(index).encode()})
        path, _ = self.pull("acme/sharded")
        self.assertEqual(sorted(os.listdir(path)), sorted([*shards, "config.json", "model.safetensors.index.json"]))

    def test_gguf_files_by_name_tag_and_alone(self):
        self.hub.repos["acme/two"] = Repo({"a-Q4_K_M.gguf": b"GGUF4", "a-Q8_0.gguf": b"GGUF8"})
        self.hub.repos["acme/one"] = Repo({"a.gguf": b"GGUF", "config.json": b"{}"})
        self.assertTrue(self.pull("acme/two:a-Q8_0.gguf")[0].endswith("/a-Q8_0.gguf"))
        self.assertTrue(self.pull("acme/two:q4_k_m")[0].endswith("/a-Q4_K_M.gguf"))
        self.assertTrue(self.pull("acme/one")[0].endswith("/a.gguf"))
        self.assertIn("'a-Q4_K_M.gguf', 'a-Q8_0.gguf'", self.refused(3, "pull", "acme/two"))
        self.assertIn("has no file 'Q2_K'", self.refused(3, "pull", "acme/two:Q2_K"))

    def test_include_and_exclude(self):
        path, _ = self.pull("acme/tiny", "--include", "*.json", "--exclude", "tok*")
        self.assertEqual(sorted(os.listdir(path)), ["1_Pooling", "config.json", "generation_config.json"])

    def test_pickles_are_not_fetched(self):
        self.hub.repos["acme/old"] = Repo({"config.json": b"{}", "pytorch_model.bin": b"pickle"})
        self.assertIn("'pytorch_model.bin' only, which cannot be run", self.refused(6, "pull", "acme/old"))

    def test_parts_over_several_connections(self):
        content = noise(5 << 20, 7)
        self.hub.repos["acme/big"] = Repo({"config.json": b"{}", "model.safetensors": content})
        path, _ = self.pull("acme/big", "--part-size", "1")
        self.assertEqual((pathlib.Path(path) / "model.safetensors").read_bytes(), content)
        ranges = [h["Range"] for p, h in self.hub.requests if p.startswith("storage")]
        self.assertEqual(len(ranges), 5)
        # The address of the storage is asked for once, then used for the other parts.
        self.assertLess(sum("/resolve/" in p for p in self.hub.paths()), 4)

    def test_empty_files_and_equal_files(self):
        self.hub.repos["acme/odd"] = Repo({"config.json": b"{}", "generation_config.json": b"{}", "merges.txt": b"",
                                           "model.safetensors": b"x" * 100})
        path, errors = self.pull("acme/odd")
        self.assertIn("3 files", errors)
        self.assertEqual((pathlib.Path(path) / "merges.txt").read_bytes(), b"")

    def test_json_and_quiet(self):
        out, errors = self.cli("pull", "acme/plain", "--json", "-q")
        self.assertEqual(errors, "")
        answer = json.loads(out)
        self.assertEqual((answer["fetched_files"], answer["fetched_bytes"]), (2, 300_002))

    def test_without_links_the_files_themselves_are_in_the_snapshot(self):
        path, _ = self.pull("acme/plain", HF_HUB_DISABLE_SYMLINKS="1")
        self.assertFalse(os.path.islink(path + "/model.safetensors"))
        self.assertEqual(pathlib.Path(path, "model.safetensors").read_bytes(), self.weights)
        self.assertIn("all there already", self.pull("acme/plain", HF_HUB_DISABLE_SYMLINKS="1")[1])

    def test_a_proxy_is_used(self):
        # The fake hub takes whole addresses too, as a proxy gets them.
        direct, self.hub.storage_url = self.hub.storage_url, "http://storage.invalid"
        self.addCleanup(setattr, self.hub, "storage_url", direct)
        for variable in ("http_proxy", "HTTP_PROXY"):
            self.hub.reset()
            self.pull("acme/plain", HF_ENDPOINT="http://mirror.invalid", **{variable: self.hub.url})
            self.assertEqual(self.hub.paths()[0], "http://mirror.invalid/api/models/acme/plain/revision/main")
            self.assertTrue(all("http://" in path for path in self.hub.paths()))
            shutil.rmtree(self.home)


class Cache(HubTest):
    def test_it_is_byte_for_byte_what_huggingface_hub_writes(self):
        recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
        files = {path: bytes.fromhex(content) for path, content in recorded["files"].items()}
        self.hub.repos["acme/golden"] = Repo(files)
        self.pull("acme/golden")
        ours = snapshot_of(self.cache)
        # One difference: listings get the mode of the other files here, not that of a temporary file.
        theirs = {path: what.replace("file 600 ", "file 644 ") if "/trees/" in path else what
                  for path, what in recorded["cache"].items()}
        self.maxDiff = None
        self.assertEqual(ours, theirs)

    def test_what_an_older_client_left_is_used(self):
        self.pull("acme/tiny")
        shutil.rmtree(self.repo_folder("acme/tiny") / "trees")
        self.hub.reset()
        self.cli("run", "abc", "--max-new-tokens", "2", "-m", "acme/tiny")
        self.assertEqual(self.hub.paths(), [])

    def test_a_snapshot_with_holes_is_filled(self):
        path, _ = self.pull("acme/tiny")
        os.unlink(os.path.join(path, "tokenizer.json"))
        self.assertIn("HF_HUB_OFFLINE forbids", self.refused(5, "pull", "acme/tiny@" + self.tiny.commit + ":tokenizer.json",
                                                             HF_HUB_OFFLINE="1"))
        self.cli("tokenize", "abc", "-m", "acme/tiny")
        self.assertTrue(os.path.exists(os.path.join(path, "tokenizer.json")))

    def test_offline_misses_say_so(self):
        for value in ("1", "on", "Yes", "TRUE"):
            message = self.refused(5, "run", "x", "-m", "acme/tiny", HF_HUB_OFFLINE=value)
            self.assertIn("HF_HUB_OFFLINE forbids", message)
        self.assertEqual(self.hub.paths(), [])

    def test_a_read_only_cache_works(self):
        self.pull("acme/tiny")
        before = snapshot_of(self.cache)
        for path in [self.cache, *self.cache.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            self.cli("run", "abc", "--max-new-tokens", "2", "-m", "acme/tiny")
        finally:
            for path in [self.cache, *self.cache.rglob("*")]:
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o755)
        self.assertEqual({k: v.replace("444", "644") for k, v in snapshot_of(self.cache).items() if v != "folder"},
                         {k: v.replace("664", "644") for k, v in before.items() if v != "folder"})

    def test_where_the_cache_lies(self):
        for more, where in (({"HF_HUB_CACHE": self.path("a")}, "a"), ({"HF_HOME": self.path("b")}, "b/hub"),
                            ({"HF_HOME": "", "XDG_CACHE_HOME": self.path("c")}, "c/huggingface/hub"),
                            ({"HF_HOME": "", "XDG_CACHE_HOME": "", "HOME": self.path("d")}, "d/.cache/huggingface/hub"),
                            ({"HF_HUB_CACHE": "~/x/$PART", "HOME": self.path("e"), "PART": "y"}, "e/x/y")):
            path, _ = self.pull("acme/plain", **more)
            self.assertTrue(path.startswith(self.path(where) + "/models--acme--plain/"), path)

    def test_ls_and_rm(self):
        self.pull("acme/tiny")
        self.pull("acme/plain")
        out = self.cli("ls")[0].decode()
        self.assertRegex(out, rf"(?m)^acme/plain  {self.hub.repos['acme/plain'].commit[:7]}  300\.0 kB  2 ")
        listed = json.loads(self.cli("ls", "--json")[0])
        self.assertEqual([m["model"] for m in listed], ["acme/plain", "acme/tiny"])
        self.assertTrue(all(m["complete"] for m in listed))
        _, errors = self.cli("rm", "acme/plain")
        self.assertRegex(errors, r"^acme/plain removed, 300\.\d kB freed\n$")
        self.assertFalse(self.repo_folder().exists())
        self.assertFalse((self.cache / ".locks/models--acme--plain").exists())
        self.assertIn("holds no model acme/plain", self.refused(3, "rm", "acme/plain"))
        self.assertEqual([m["model"] for m in json.loads(self.cli("ls", "--json")[0])], ["acme/tiny"])

    def test_rm_of_one_revision_keeps_what_the_other_uses(self):
        old = self.hub.repos["acme/plain"]
        self.pull("acme/plain")
        new = Repo({"config.json": b"{}", "model.safetensors": noise(1000, 9)})
        self.hub.repos["acme/plain"] = new
        self.pull("acme/plain")
        self.assertEqual(len(json.loads(self.cli("ls", "--json")[0])), 2)
        self.cli("rm", "acme/plain@" + old.commit)
        self.visible()
        self.assertEqual(sorted(p.name for p in self.repo_folder().glob("blobs/*")),
                         sorted(f.etag for f in new.files.values()))

    def test_rm_never_follows_a_link(self):
        self.pull("acme/plain")
        outside = pathlib.Path(self.path("outside"))
        outside.mkdir()
        (outside / "precious").write_text("x")
        (self.repo_folder() / "blobs" / "link").symlink_to(outside)
        (self.repo_folder() / "folder").symlink_to(outside)
        self.cli("rm", "acme/plain")
        self.assertEqual(os.listdir(outside), ["precious"])

    def test_rm_refuses_while_it_is_downloaded(self):
        self.pull("acme/plain")
        lock = next((self.cache / ".locks/models--acme--plain").iterdir())
        with open(lock, "rb+") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertIn("is downloading", self.refused(1, "rm", "acme/plain"))
        self.assertTrue(self.repo_folder().exists())

    def test_verify_finds_what_has_rotted(self):
        path, errors = self.pull("acme/plain", "--verify")
        self.assertIn("2 files have the hashes", errors)
        blob = pathlib.Path(path, "model.safetensors").resolve()
        blob.write_bytes(damaged(self.weights))
        self.assertIn("--force", self.cli("pull", "acme/plain", "--verify", code=8)[1])
        self.pull("acme/plain", "--force", "--verify")
        self.visible()


class Bars(HubTest):
    def test_bars_on_a_terminal(self):
        self.hub.pace = (30_000, 0.03)
        leader, follower = pty.openpty()
        process = subprocess.Popen([PROGRAM, "pull", "acme/plain"], env=self.environment(), stdout=subprocess.DEVNULL,
                                   stderr=follower)
        os.close(follower)
        shown = b""
        while True:
            try:
                block = os.read(leader, 65536)
            except OSError:
                break
            if not block:
                break
            shown += block
        os.close(leader)
        self.assertEqual(process.wait(), 0)
        bars = re.findall(r"model\.safetensors: +(\d+)%\|[█▏▎▍▌▋▊▉ ]+\| (\d+k?|[\d.]+k)/300k "
                          r"\[00:0\d<(?:\d\d:\d\d|\?), [\d.?]+[kM]?B/s\]", shown.decode())
        self.assertGreater(len(bars), 3, shown.decode())
        self.assertEqual(bars[-1], ("100", "300k"))
        self.assertTrue(any(0 < int(percent) < 100 for percent, _ in bars))

    def test_no_bars_when_nobody_wants_them(self):
        for more in ({"HF_HUB_DISABLE_PROGRESS_BARS": "1"},):
            self.assertNotIn("model.safetensors", self.pull("acme/plain", **more)[1])


class Refusals(HubTest):
    def test_absent_private_and_gated(self):
        self.hub.repos["acme/secret"] = Repo({"config.json": b"{}", "model.safetensors": b"x"}, private=True)
        self.hub.repos["acme/gated"] = Repo({"config.json": b"{}", "model.safetensors": b"x"}, gated=True)
        for name in ("acme/none", "acme/secret"):
            message = self.refused(4, "pull", name)
            self.assertIn("does not exist, or is private or gated", message)
            self.assertIn("HF_TOKEN", message)
            self.assertIn("Root=1-23", message)
        self.assertIn("that this token may see", self.refused(3, "pull", "acme/none", HF_TOKEN="hf_secret"))
        message = self.cli("pull", "acme/gated", code=4)[1]
        self.assertIn(f"acme/gated is gated: open {self.hub.url}/acme/gated, accept its terms, and set HF_TOKEN", message)
        self.assertNotIn("and set HF_TOKEN", self.cli("pull", "acme/gated", code=4, HF_TOKEN="hf_other")[1])
        self.pull("acme/secret", HF_TOKEN="hf_secret")
        self.pull("acme/gated", HUGGING_FACE_HUB_TOKEN=" hf_secret\n")

    def test_the_token_file(self):
        self.hub.repos["acme/secret"] = Repo({"config.json": b"{}", "model.safetensors": b"x"}, private=True)
        os.makedirs(self.home)
        pathlib.Path(self.home, "token").write_text("hf_secret\n")
        self.pull("acme/secret")
        shutil.rmtree(self.cache)
        self.refused(4, "pull", "acme/secret", HF_HUB_DISABLE_IMPLICIT_TOKEN="1")
        shutil.move(os.path.join(self.home, "token"), self.path("elsewhere"))
        self.pull("acme/secret", HF_TOKEN_PATH=self.path("elsewhere"))

    def test_the_token_stays_with_the_endpoint(self):
        self.pull("acme/tiny", HF_TOKEN="hf_secret")
        with self.hub.lock:
            for path, headers in self.hub.requests:
                self.assertEqual("Authorization" in headers, not path.startswith("storage"), path)
        self.assertTrue(any(p.startswith("storage") for p in self.hub.paths()))

    def test_a_token_that_would_end_the_header_is_refused_and_not_shown(self):
        message = self.refused(2, "pull", "acme/plain", HF_TOKEN="hf_a\nX-Evil: 1")
        self.assertNotIn("hf_a", message)

    def test_no_server_and_no_hub(self):
        self.assertIn("127.0.0.1:1", self.refused_after_retries("acme/plain", HF_ENDPOINT="http://127.0.0.1:1"))
        self.hub.faults.append(Fault("/api/", None, status=200, body=b"<html>log in</html>"))
        self.assertIn("not a hub's", self.refused(5, "pull", "acme/plain"))
        for bad in ("ftp://x", "http://", "http://u@h", "http://h:99999", "h"):
            self.assertIn("HF_ENDPOINT", self.refused(2, "pull", "acme/plain", HF_ENDPOINT=bad))

    def refused_after_retries(self, name, code=5, **more):
        out, errors = self.cli("pull", name, code=code, **more)
        self.assertEqual(out, b"")
        self.assertRegex(errors, "trying again in")
        return errors.splitlines()[-1]

    def test_rate_limits_are_waited_for(self):
        self.hub.faults.append(Fault("/revision/", 1, status=429, headers={"Retry-After": "1"}))
        start = time.monotonic()
        _, errors = self.pull("acme/plain")
        self.assertGreaterEqual(time.monotonic() - start, 1)
        self.assertIn("too many requests (wait 1 s)", errors)

    def test_long_rate_limits_are_told(self):
        for headers in ({"Retry-After": "4000"}, {"RateLimit": '"api";r=0;t=3999'}):
            self.hub.faults.append(Fault("/revision/", 1, status=429, headers=headers))
            message = self.refused(5, "pull", "acme/plain")
            self.assertIn("wait 4000 s", message)
            self.assertIn("with HF_TOKEN set its limits are higher", message)

    def test_servers_that_stumble_are_asked_again(self):
        for fault in ({"status": 503}, {"status": 500}, {"close": 1}, {"status": 408}):
            self.hub.faults.append(Fault("/resolve/", 1, **fault))
        self.pull("acme/plain")
        self.visible()

    def test_what_the_server_says_is_escaped(self):
        self.hub.faults.append(Fault("/revision/", None, status=400, headers={"X-Error-Message": "\x1b[31mred"}))
        self.assertNotIn("\x1b", self.refused(5, "pull", "acme/plain"))


class HostileHub(HubTest):
    def fetched(self, **fault):
        """A pull during which the storage misbehaves as told."""
        self.hub.faults.append(Fault(self.hub.repos["acme/plain"].files["model.safetensors"].etag, **fault))
        return self.pull("acme/plain")

    def test_wrong_content_never_becomes_visible(self):
        wrong = damaged(self.weights)
        for times in (1, None):
            shutil.rmtree(self.home, ignore_errors=True)
            self.hub.faults.clear()
            if times:
                self.fetched(content=wrong, times=times)
            else:
                self.hub.faults.append(Fault("?signed", None, content=wrong))
                self.assertIn("does not have the hash", self.cli("pull", "acme/plain", code=8)[1])
                self.assertFalse(list(self.repo_folder().glob("snapshots/*/model.safetensors")))
                self.assertFalse((self.repo_folder() / "refs/main").exists())
            self.visible()

    def test_wrong_content_of_a_small_file(self):
        self.hub.faults.append(Fault("/config.json", None, content=b"[]"))
        self.assertIn("does not have the hash", self.cli("pull", "acme/plain", code=8)[1])
        self.visible()

    def test_sizes_that_lie(self):
        for content in (self.weights + b"more", self.weights[:-5]):
            self.hub.faults = [Fault("?signed", None, content=content)]
            self.assertIn("announces", self.cli("pull", "acme/plain", code=8)[1])
        self.hub.faults = [Fault("?signed", None, content=self.weights + b"more", more_headers={"Content-Length": None})]
        self.assertIn("more bytes", self.cli("pull", "acme/plain", code=8)[1])
        self.visible()

    def test_cut_connections_are_continued(self):
        self.fetched(cut=100_000, times=3)
        self.visible()
        ranges = [h.get("Range") for p, h in self.hub.requests if p.startswith("storage")]
        self.assertEqual(ranges, [None, "bytes=100000-299999", "bytes=200000-299999"])

    def test_a_server_without_ranges(self):
        self.hub.ranges = False
        self.fetched(cut=100_000)
        self.visible()
        content = noise(3 << 20, 3)
        self.hub.repos["acme/big"] = Repo({"config.json": b"{}", "model.safetensors": content})
        path, _ = self.pull("acme/big", "--part-size", "1")
        self.assertEqual((pathlib.Path(path) / "model.safetensors").read_bytes(), content)

    def test_ranges_that_are_others_than_asked_for(self):
        self.hub.repos["acme/plain"] = Repo({"config.json": b"{}", "model.safetensors": noise(3 << 20, 4)})
        for text in ("bytes 5-9/10", "junk"):
            self.hub.faults = [Fault("?signed", 1, content_range=text)]
            self.pull("acme/plain", "--part-size", "1")
            self.visible()
            shutil.rmtree(self.home)

    def test_a_refused_range_starts_again(self):
        self.hub.repos["acme/plain"] = Repo({"config.json": b"{}", "model.safetensors": noise(3 << 20, 4)})
        self.hub.faults = [Fault("?signed", 1, status=416)]
        self.pull("acme/plain", "--part-size", "1")
        self.visible()

    def test_a_file_that_changes_between_its_parts(self):
        self.hub.repos["acme/plain"] = Repo({"config.json": b"{}", "model.safetensors": noise(3 << 20, 4)})
        self.hub.faults = [Fault("?signed", 1), Fault("?signed", 1, more_headers={"ETag": '"other"'})]
        self.pull("acme/plain", "--part-size", "1")
        self.visible()

    def test_an_expired_address_is_asked_for_anew(self):
        self.hub.repos["acme/plain"] = Repo({"config.json": b"{}", "model.safetensors": noise(3 << 20, 4)})
        self.hub.faults = [Fault("?signed", 1), Fault("?signed", 1, status=403)]
        self.pull("acme/plain", "--part-size", "1")
        self.visible()

    def test_compressed_answers_nobody_asked_for(self):
        self.hub.faults = [Fault("?signed", None, more_headers={"Content-Encoding": "gzip"})]
        self.assertIn("'gzip' data though they were not asked for", self.cli("pull", "acme/plain", code=5)[1])
        self.visible()

    def test_redirects_that_lead_astray(self):
        for location, reason in (("file:///etc/passwd", "no http or https address"), ("//", "no http"),
                                 ("gopher://x/", "no http"), ("http://user:pw@x/", "no http"), ("", "no http"),
                                 ("http://h\\@x/", "no http")):
            self.hub.faults = [Fault("model.safetensors", None, location=location)]
            self.assertIn(reason, self.cli("pull", "acme/plain", code=5)[1], location)
        self.hub.faults = [Fault("/revision/", None, status=302, headers={"Location": "/api/models/acme/plain/revision/main"})]
        self.assertIn("more than 8 redirects", self.refused(5, "pull", "acme/plain"))
        shutil.rmtree(self.home)
        self.hub.faults = [Fault("/tree/", None, status=200, body=b"[]", headers={
            "Link": f'<{self.hub.url}/api/models/acme/plain/tree/{self.hub.repos["acme/plain"].commit}'
                    '?recursive=true&expand=false>; rel="next"'})]
        self.assertIn("no other page", self.refused(5, "pull", "acme/plain"))

    def test_redirects_into_a_private_network(self):
        # Through a proxy the endpoint's own address is not known to be private.
        for location in ("http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::1]/", "http://127.0.0.1:1/"):
            self.hub.faults = [Fault("model.safetensors", None, location=location)]
            errors = self.cli("pull", "acme/plain", code=5, HF_ENDPOINT="http://mirror.invalid", http_proxy=self.hub.url,
                              HF_TOKEN="hf_secret")[1]
            self.assertIn("into a private network", errors)
            self.assertIn("plain http: the token is not sent", errors)
        self.assertFalse(any("Authorization" in headers for _, headers in self.hub.requests))

    def test_names_that_lead_out_of_the_cache(self):
        names = ["../evil", "/etc/evil", "a/../../evil", "C:evil", "a\\evil", "..", "a//b", "con", "aux.json", "x.", "x ",
                 "n" * 256, "a\nb", "a\0b", "a/" * 600 + "b", "./x", "nul.safetensors"]
        for name in names:
            index = json.dumps({"weight_map": {"t": name}}).encode()
            self.hub.repos["acme/evil"] = Repo({"config.json": b"{}", name: File(b"boo", True),
                                                "model.safetensors.index.json": index})
            for arguments in ((), ("--include", "*")):
                message = self.cli("pull", "acme/evil", *arguments, code=6)[1].splitlines()[-1]
                self.assertIn("the hub names a file", message)
        self.hub.repos["acme/evil"] = Repo({"Config.json": b"{}", "config.json": b"[]"})
        self.assertIn("some systems hold for one", self.refused(6, "pull", "acme/evil", "--include", "*"))
        self.hub.repos["acme/evil"] = Repo({"a": b"{}", "a/b": b"[]"})
        self.assertIn("both as a file and as a folder", self.refused(6, "pull", "acme/evil", "--include", "*"))
        outside = [p for p in pathlib.Path(self.home).rglob("*") if "evil" in p.name and p.parent != self.cache
                   and p.parent != self.cache / ".locks"]
        self.assertEqual(outside, [])
        self.assertEqual(os.listdir(self.home), ["hub"])

    def test_hub_names_that_are_none(self):
        for name in ("a/b/c", "../x", "-x", "x-", "a--b", "a..b", "x.git", "n" * 97, "a/", "/a", "a b", "a@", "a@..", "a@-/..",
                     "a@x.lock", "a:", "a:../x", "a:/x", "a@r\nx"):
            self.refused(2, "pull", name) if ":" not in name or name == "a:" else self.cli("pull", name, code=6)
        self.assertEqual(self.hub.paths(), [])

    def test_links_in_the_cache_are_not_written_through(self):
        outside = pathlib.Path(self.path("away"))
        for where in ("models--acme--plain", "models--acme--plain/blobs", "models--acme--plain/snapshots",
                      "models--acme--plain/refs", "models--acme--plain/trees", ".locks", ".locks/models--acme--plain"):
            shutil.rmtree(self.home, ignore_errors=True)
            shutil.rmtree(outside, ignore_errors=True)
            outside.mkdir()
            (self.cache / where).parent.mkdir(parents=True)
            (self.cache / where).symlink_to(outside)
            self.assertIn("a link or a file stands", self.cli("pull", "acme/plain", code=7)[1], where)
            self.assertEqual(os.listdir(outside), [], where)

    def test_listings_that_are_no_listings(self):
        for body in (b"", b"{}", b"[{}]", b"[1]", b'[{"type":"file","path":"a","size":-1,"oid":"' + b"0" * 40 + b'"}]',
                     b'[{"type":"file","path":"a","size":1,"oid":"../../x"}]', b"[" * 100_000, b"\xff"):
            self.hub.faults = [Fault("/tree/", None, status=200, body=body)]
            self.refused(6, "pull", "acme/plain")
        self.assertFalse(list(self.repo_folder().glob("trees/*")))

    def test_endless_headers_and_endless_json(self):
        self.hub.faults = [Fault("/revision/", None, raw=b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 100_000)]
        self.assertIn("256 lines of headers", self.refused(6, "pull", "acme/plain"))
        self.hub.faults = [Fault("/revision/", None, raw=b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"
                                 + b" " * (65 << 20))]
        self.assertIn("more than 64 MiB", self.refused(6, "pull", "acme/plain"))

    def test_a_server_that_falls_silent(self):
        self.hub.faults = [Fault("?signed", 1, sleep=3)]
        _, errors = self.pull("acme/plain", HF_HUB_DOWNLOAD_TIMEOUT="1")
        self.assertIn("no answer in time", errors)
        self.visible()


class Interruptions(HubTest):
    def start(self, *arguments, **more):
        return subprocess.Popen([PROGRAM, "pull", *arguments], env=self.environment(**more), stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE)

    def test_killed_at_random_points_nothing_corrupt_is_ever_visible(self):
        content = noise(4 << 20, 11)
        self.hub.repos["acme/plain"] = repo = Repo({"config.json": b"{}", "model.safetensors": content})
        self.hub.pace = (256 << 10, 0.01)
        chance = random.Random(5)
        resumed = 0
        start = time.monotonic()
        self.pull("acme/plain", "--part-size", "1")
        whole = time.monotonic() - start
        shutil.rmtree(self.home)
        for _ in range(200 if ALL else 20):
            if chance.random() < 0.2:
                shutil.rmtree(self.home, ignore_errors=True)
            process = self.start("acme/plain", "--part-size", "1")
            time.sleep(chance.uniform(0, whole))
            process.kill()
            process.communicate()
            self.visible()
            if (self.repo_folder() / "refs/main").exists():
                self.assertEqual((self.repo_folder() / f"snapshots/{repo.commit}/model.safetensors").read_bytes(), content)
                shutil.rmtree(self.home)
            resumed += len(self.left_over()) > 0
        self.assertGreater(resumed, 0)
        self.pull("acme/plain")
        self.visible()
        self.assertEqual(self.left_over(), [])

    def test_what_came_before_a_kill_is_not_fetched_again(self):
        content = noise(8 << 20, 12)
        self.hub.repos["acme/plain"] = Repo({"config.json": b"{}", "model.safetensors": content})
        self.hub.pace = (64 << 10, 0.01)
        process = self.start("acme/plain")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            sizes = [p.stat().st_size for p in self.repo_folder().glob("blobs/*.incomplete")]
            if sizes and max(sizes) > 1 << 20:
                break
            time.sleep(0.01)
        process.kill()
        process.communicate()
        kept = max(p.stat().st_size for p in self.repo_folder().glob("blobs/*.incomplete"))
        self.hub.reset()
        self.pull("acme/plain")
        ranges = [h["Range"] for p, h in self.hub.requests if p.startswith("storage")]
        self.assertEqual(ranges, [f"bytes={kept}-{len(content) - 1}"])
        self.visible()

    def test_a_damaged_beginning_is_noticed(self):
        etag = self.hub.repos["acme/plain"].files["model.safetensors"].etag
        os.makedirs(self.repo_folder() / "blobs")
        dead = subprocess.Popen(["true"])
        dead.wait()
        (self.repo_folder() / f"blobs/{etag}.typecase-{dead.pid}.incomplete").write_bytes(b"\0" * 1000)
        self.pull("acme/plain")
        self.visible()
        self.assertEqual(self.left_over(), [])

    def test_old_left_overs_are_removed_and_those_of_the_living_are_not(self):
        blobs = self.repo_folder() / "blobs"
        os.makedirs(blobs)
        dead = subprocess.Popen(["true"])
        dead.wait()
        names = {f"{'a' * 64}.typecase-{dead.pid}.incomplete": False, f"{'b' * 64}.typecase-{os.getpid()}.incomplete": True,
                 f"{'c' * 64}.12345678.incomplete": True}
        for name in names:
            (blobs / name).write_bytes(b"x")
            os.utime(blobs / name, (1, 1))
        self.pull("acme/plain")
        self.assertEqual(self.left_over(), sorted(name for name, stays in names.items() if stays))

    def test_ctrl_c_stops_and_the_same_command_goes_on(self):
        self.hub.repos["acme/plain"] = Repo({"config.json": b"{}", "model.safetensors": noise(8 << 20, 13)})
        self.hub.pace = (64 << 10, 0.02)
        process = self.start("acme/plain")
        while not list(self.repo_folder().glob("blobs/*.incomplete")) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, errors)
        self.assertIn(b"goes on where it stopped", errors)
        self.hub.reset()
        self.pull("acme/plain")
        self.visible()

    def test_ten_processes_at_once_fetch_it_once(self):
        self.hub.repos["acme/plain"] = repo = Repo({"config.json": b"{}", "model.safetensors": noise(2 << 20, 14)})
        self.hub.pace = (256 << 10, 0.02)
        processes = [self.start("acme/plain") for _ in range(10)]
        for process in processes:
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, errors)
        self.visible()
        self.assertEqual(self.left_over(), [])
        self.assertEqual(sum(p.startswith("storage") for p in self.hub.paths()), 1)
        self.assertEqual(sorted(p.name for p in self.repo_folder().glob("blobs/*")),
                         sorted(f.etag for f in repo.files.values()))

    def test_a_full_disk(self):
        def small_disk():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        for limit in (1, 100, 65_536, 131_072, 299_999):
            done = subprocess.run([PROGRAM, "pull", "acme/plain"], env=self.environment(), capture_output=True,
                                  preexec_fn=small_disk)
            self.assertEqual(done.returncode, 7, done.stderr)
            self.assertIn(b"the disk is full", done.stderr)
            self.visible()
            self.assertFalse((self.repo_folder() / "refs/main").exists())
        self.pull("acme/plain")
        self.visible()

    def test_too_little_space_is_told_before(self):
        listed = Repo({"config.json": b"{}", "model.safetensors": b"x"})
        entry = {"type": "file", "path": "model.safetensors", "size": 1 << 47, "oid": "0" * 40,
                 "lfs": {"oid": "0" * 64, "size": 1 << 47}}
        self.hub.repos["acme/plain"] = listed
        self.hub.faults = [Fault("/tree/", None, status=200, body=json.dumps([entry]).encode())]
        self.assertIn("134217728 MiB are needed", self.refused(7, "pull", "acme/plain"))
        self.assertFalse(any("/resolve/" in p for p in self.hub.paths()))


class Tls(HubTest):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("openssl"):
            raise unittest.SkipTest("openssl makes the certificate")
        super().setUpClass()
        cls.certificate = os.path.join(cls.folder.name, "certificate.pem")
        key = os.path.join(cls.folder.name, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cls.certificate],
                       check=True, capture_output=True)
        cls.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.context.load_cert_chain(cls.certificate, key)

    def use(self, hub):
        hub.repos = self.hub.repos
        self.addCleanup(hub.close)
        return {"HF_ENDPOINT": hub.url, "SSL_CERT_FILE": self.certificate, "HF_TOKEN": "hf_secret"}

    def test_https_with_a_certificate_to_trust(self):
        hub = FakeHub(self.context, self.context)
        self.pull("acme/plain", **self.use(hub))
        self.visible()
        self.assertEqual([p for p, h in hub.requests if "Authorization" in h and p.startswith("storage")], [])

    def test_a_certificate_nobody_vouches_for(self):
        more = {**self.use(FakeHub(self.context, self.context)), "SSL_CERT_FILE": ""}
        self.assertIn("certificate", self.cli("pull", "acme/plain", code=5, **more)[1])

    def test_https_never_becomes_http(self):
        hub = FakeHub(self.context)
        self.assertIn("from https to http", self.cli("pull", "acme/plain", code=5, **self.use(hub))[1])
        self.assertEqual([p for p in hub.paths() if p.startswith("storage")], [])


class Start(HubTest):
    def test_libcurl_is_not_loaded_before_it_is_needed(self):
        linked = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True).stdout
        self.assertNotRegex(linked, "libcurl|libssl|libcrypto")
        self.assertRegex(self.cli("env")[0].decode(), r"(?m)^hub +libcurl [\d.]+")

    def test_without_libcurl_it_says_what_to_install(self):
        folder = pathlib.Path(self.path("no-curl"))
        folder.mkdir(exist_ok=True)
        for name in ("libcurl.so.4", "libcurl-gnutls.so.4"):
            (folder / name).write_text("not a library")
        self.assertIn("apt-get install libcurl4", self.refused(6, "pull", "acme/plain", LD_LIBRARY_PATH=str(folder)))
        self.cli("ls", LD_LIBRARY_PATH=str(folder))


if __name__ == "__main__":
    unittest.main()
