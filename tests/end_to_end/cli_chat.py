"""`typecase chat`: one answer for a script, a conversation in a terminal."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import struct
import termios
import time
import unittest

from cli_support import PROGRAM, CliTest

TEMPLATE = ("{% for m in messages %}{{ m.role[0] }}:{{ m.content }}\n{% endfor %}"
            "{% if add_generation_prompt %}a:{% endif %}")
GREEDY = ("--no-do-sample", "--max-new-tokens", "6", "--set", "eos_token_id=null")
ENDLESS = ("--max-new-tokens", "1000000", "--set", "eos_token_id=null")
LONGEST = 128   # tokens of the small model's longest text


class ChatTest(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bare = os.path.join(cls.folder.name, "bare")
        shutil.copytree(cls.model, cls.bare)
        with open(os.path.join(cls.model, "tokenizer_config.json"), "w", encoding="utf-8") as f:
            json.dump({"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": TEMPLATE}, f)
        cls.small = os.path.join(cls.folder.name, "small")
        shutil.copytree(cls.model, cls.small)
        with open(os.path.join(cls.model, "config.json"), encoding="utf-8") as f:
            config = json.load(f)
        assert config["max_position_embeddings"] == LONGEST
        with open(os.path.join(cls.model, "config.json"), "w", encoding="utf-8") as f:
            json.dump({**config, "max_position_embeddings": 1000000}, f)

    def chat(self, *arguments, **more):
        return self.cli("chat", "--model", self.model, *arguments, **more)[0].decode()

    def file(self, name, value):
        with open(self.path(name), "w", encoding="utf-8") as f:
            json.dump(value, f)
        return self.path(name)


class OneAnswer(ChatTest):
    def test_is_the_pipelines(self):
        messages = [{"role": "system", "content": "be"}, {"role": "user", "content": "hi"}]
        kwargs = {"do_sample": False, "max_new_tokens": 6, "eos_token_id": None}
        [answer] = self.batch("run", [{"id": 1, "inputs": messages, "kwargs": kwargs}])
        expected = answer["result"][0]["generated_text"][-1]["content"]
        said = self.chat("--system", "be", "--user", "hi", *GREEDY)
        self.assertEqual(said.rstrip("\n"), expected.rstrip("\n"))
        document = json.loads(self.chat("--system", "be", "--user", "hi", "--json", *GREEDY))
        self.assertEqual(document["message"], {"role": "assistant", "content": expected})
        self.assertEqual((document["new_tokens"], document["finish_reason"]), (6, "length"))
        self.assertEqual(document["prompt_tokens"], len("s:be\nu:hi\na:"))

    def test_comes_from_options_a_file_or_standard_input(self):
        said = self.chat("--user", "hi", *GREEDY)
        messages = self.file("m.json", [{"role": "user", "content": "hi"}])
        self.assertEqual(self.chat("--messages", messages, *GREEDY), said)
        saved = self.file("s.json", {"messages": [{"role": "user", "content": "hi"}]})
        self.assertEqual(self.chat("--messages", saved, *GREEDY), said)
        self.assertEqual(self.chat(*GREEDY, stdin=b"hi\n"), said)
        listed = json.dumps([{"role": "user", "content": "hi"}]).encode()
        self.assertEqual(self.chat("--messages", "-", *GREEDY, stdin=listed), said)

    def test_a_final_answer_is_continued(self):
        messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ab"}]
        document = json.loads(self.chat("--messages", self.file("c.json", messages), "--json", *GREEDY))
        self.assertTrue(document["message"]["content"].startswith("ab"))
        self.assertEqual(document["prompt_tokens"], len("u:hi\na:ab"))

    def test_stop_strings_and_ends(self):
        document = json.loads(self.chat("--user", "hi", "--json", *GREEDY))
        first = document["message"]["content"][0]
        stopped = json.loads(self.chat("--user", "hi", "--json", *GREEDY, "--stop-strings", first))
        self.assertEqual((stopped["new_tokens"], stopped["finish_reason"]), (1, "stop"))

    def test_the_template_may_be_given(self):
        with open(self.path("t.jinja"), "w", encoding="utf-8") as f:
            f.write("{{ messages[0].content }}{{ tools|length }}{{ documents[0].title }}{{ extra }}{{ strftime_now('%Y') }}")
        document = json.loads(self.chat(
            "--template", self.path("t.jinja"), "--user", "hi", "--json", *GREEDY, "--tools", '[{"a": 1}]', "--documents",
            '[{"title": "T"}]', "--variables", '{"extra": "xyz"}', "--now", "2026-11-22T10:00:00"))
        self.assertEqual(document["prompt_tokens"], len("hi1Txyz2026"))

    def test_refusals(self):
        self.assertIn("no chat template", self.refused(3, "chat", "--model", self.bare, "--user", "hi"))
        self.assertIn("--json goes with", self.refused_on_terminal("--json"))
        self.assertIn("each needs a role", self.refused(
            2, "chat", "--model", self.model, "--messages", self.file("bad.json", [{"content": "x"}])))
        long = self.refused(6, "chat", "--model", self.small, *GREEDY, stdin=b"x" * 2000)
        self.assertIn("2,005 tokens", long)
        self.assertIn("this model has 128", long)

    def refused_on_terminal(self, *arguments):
        terminal = Terminal(self, *arguments)
        text = terminal.read(lambda text: "\n" in text)
        self.assertEqual(terminal.wait(), 2)
        return text


# How many times longer than usual things may take: ./dev sets it for sanitizers.
PATIENCE = float(os.environ.get("TYPECASE_TEST_PATIENCE", 1))


class Terminal:
    """A conversation in a terminal of its own."""

    def __init__(self, test, *arguments, model=None, **environment):
        self.test = test
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            test_environment = test.environment(TERM="xterm", **environment)
            os.execve(PROGRAM, [PROGRAM, "chat", "--model", model or test.model, *arguments], test_environment)
        test.addCleanup(os.close, self.file)

    def read(self, enough, seconds=60):
        """What comes until `enough`; without escapes."""
        text, end = "", time.monotonic() + seconds * PATIENCE
        while time.monotonic() < end:
            if select.select([self.file], [], [], 0.05)[0]:
                try:
                    block = os.read(self.file, 65536)
                except OSError:
                    return text
                if not block:
                    return text
                text += re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", block.decode(errors="replace"))
            if enough(text):
                return text
        self.test.fail(f"waited in vain; there was {text!r}")

    def read_answer(self, length):
        """At least so many characters of an answer; what tells of the reading is none."""
        return self.read(lambda text: len(re.sub(r"\rreading [\d,]+ of [\d,]+ tokens", "", text)) > length)

    def prompt(self):
        return self.read(lambda text: text.endswith("> "))

    def type(self, text):
        os.write(self.file, text.encode())

    def say(self, text):
        """One line and what comes until the next prompt, without its echo."""
        self.type(text + "\r")
        answer = self.read(lambda shown: re.search(r"\n> $", shown.replace("\r", "")) is not None)
        return answer.replace("\r", "").rsplit("\n>", 1)[0].partition("\n")[2].strip("\n")

    def wait(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Conversation(ChatTest):
    def start(self, *arguments, **environment):
        terminal = Terminal(self, *arguments, **environment)
        terminal.prompt()
        return terminal

    def messages(self, terminal):
        terminal.say("/save " + self.path("saved.json"))
        with open(self.path("saved.json"), encoding="utf-8") as f:
            return [(m["role"], m["content"]) for m in json.load(f)["messages"]]

    def test_turns_are_kept_and_answered_as_without_a_cache(self):
        terminal = self.start(*GREEDY)
        for text in ("hi", "and now", "more of it"):
            terminal.say(text)
        messages = self.messages(terminal)
        self.assertEqual([role for role, _ in messages], ["user", "assistant"] * 3)
        for turns in (1, 3, 5):
            asked = [{"role": role, "content": content} for role, content in messages[:turns]]
            document = json.loads(self.chat("--messages", self.file("t.json", asked), "--json", *GREEDY))
            self.assertEqual(document["message"]["content"], messages[turns][1])
        kept = re.search(r"(\d+) were kept from before", terminal.say("/stats"))
        self.assertGreater(int(kept[1]), 15)

    def test_commands(self):
        terminal = self.start(*GREEDY)
        self.assertIn("/alt N", terminal.say("/help"))
        self.assertIn("no command /nonsense", terminal.say("/nonsense"))
        terminal.say("/system be")
        self.assertEqual(terminal.say("/system"), "be")
        first = terminal.say("hi")
        self.assertIn("Cut after 6 tokens", first)
        self.assertIn("s:be\nu:hi\na:", terminal.say("/show prompt"))
        terminal.say("again")
        self.assertEqual(len(self.messages(terminal)), 5)
        self.assertIn("3 messages are left", terminal.say("/undo"))
        self.assertEqual(len(self.messages(terminal)), 3)
        self.assertIn("same answer", terminal.say("/retry"))
        self.assertIn("nothing to take back", [terminal.say("/undo"), terminal.say("/undo")][1])
        self.assertIn("max_new_tokens is 3", terminal.say("/set max_new_tokens 3"))
        self.assertIn("Cut after 3 tokens", terminal.say("hi"))
        self.assertIn("Cut after 3 tokens", terminal.say("/more"))
        self.assertIn("an integer", terminal.say("/set top_k many"))
        self.assertIn("no generation field", terminal.say("/set nonsense 1"))
        self.assertIn("max_new_tokens 3", terminal.say("/show"))
        self.assertIn("tokens of 1,000,000", terminal.say("/tokens"))
        terminal.say("/save " + self.path("all.json"))
        terminal.say("/clear")
        self.assertEqual(self.messages(terminal), [("system", "be")])
        self.assertIn("3 messages read", terminal.say("/load " + self.path("all.json")))
        self.assertIn("cannot be opened", terminal.say("/load /no/where"))
        self.assertIn("1 turn is forgotten", terminal.say("/forget"))
        terminal.type("/bye\r")
        self.assertEqual(terminal.wait(), 0)

    def test_why_and_alt(self):
        terminal = self.start(*GREEDY)
        terminal.say("hi")
        answer = self.messages(terminal)[-1][1]
        table = terminal.say("/why")
        self.assertRegex(table, r"(?m)^  1 .* chosen$")
        first, second = (re.search(rf"(?m)^  {n}  (\S+)", table)[1] for n in (1, 2))
        self.assertTrue(answer.endswith(first), (answer, table))
        terminal.say("/alt 2")
        other = self.messages(terminal)[-1][1]
        self.assertEqual(len(self.messages(terminal)), 2)
        self.assertTrue(other.startswith(answer.removesuffix(first) + second), (answer, other, table))
        self.assertIn("the last answer has 12", terminal.say("/tokens"))    # 5, the other one, 6 more
        terminal.say("/alt 3 12")
        self.assertIn("the last answer has 7", terminal.say("/tokens"))
        self.assertIn("no such token", terminal.say("/why 1000"))
        self.assertIn("10 candidates", terminal.say("/alt 11"))

    def test_ctrl_c_stops_the_answer_and_not_the_program(self):
        terminal = self.start(*ENDLESS)
        for _ in range(2):
            terminal.type("hi\r")
            terminal.read_answer(60)
            terminal.type("\x03")
            self.assertIn("Stopped.", terminal.prompt())
        terminal.type("half a li\x03")
        self.assertIn("Ctrl-D or /bye", terminal.prompt())
        terminal.type("\x04")
        self.assertEqual(terminal.wait(), 0)

    def test_what_is_typed_during_an_answer_waits(self):
        terminal = self.start("--max-new-tokens", "300", "--set", "eos_token_id=null")
        terminal.type("hi\r")
        shown = terminal.read_answer(60)
        terminal.type("/help\r")
        shown += terminal.read(lambda text: "this list" in text)
        self.assertEqual(shown.count("/help\r\n"), 1)
        self.assertIn("> /help\r\n", shown.partition("max_new_tokens")[2])

    def test_a_paste_is_one_message(self):
        terminal = self.start(*GREEDY)
        terminal.type("\x1b[200~one\rtwo\x07\n\tthree \u00e4\x1b[201~")
        terminal.say("")
        self.assertEqual(self.messages(terminal)[0], ("user", "one\ntwo\n\tthree \u00e4"))

    def test_a_paste_may_be_longer_than_the_screen(self):
        terminal = self.start(*GREEDY)
        text = "\n".join(f"line {i}: {'some words that go beyond the edge of the screen ' * 3}" for i in range(60))
        terminal.type("\x1b[200~" + text + "\x1b[201~")
        terminal.say("")
        self.assertEqual(self.messages(terminal)[0], ("user", text.strip()))

    def test_several_lines(self):
        terminal = self.start(*GREEDY)
        terminal.type('"""one\r')
        terminal.read(lambda text: text.endswith("… "))
        terminal.say('two"""')
        terminal.type("three\\\r")
        terminal.read(lambda text: text.endswith("… "))
        terminal.say("four")
        terminal.type("five\x1b\r")
        terminal.say("six")
        said = [content for role, content in self.messages(terminal) if role == "user"]
        self.assertEqual(said, ["one\ntwo", "three\nfour", "five\nsix"])

    def test_the_window_may_change_its_size(self):
        terminal = self.start(*ENDLESS)
        size = struct.pack("HHHH", 24, 40, 0, 0)
        fcntl.ioctl(terminal.file, termios.TIOCSWINSZ, size)
        os.kill(terminal.pid, signal.SIGWINCH)
        terminal.type("hi\r")
        terminal.read_answer(2000)
        terminal.type("\x03")
        self.assertIn("Stopped.", terminal.prompt())

    def test_history_is_private_and_optional(self):
        terminal = self.start(*GREEDY)
        terminal.say("remember me")
        terminal.type("\x04")
        terminal.wait()
        history = self.path("cache/chat_history")
        self.assertEqual(stat.S_IMODE(os.stat(history).st_mode), 0o600)
        terminal = self.start(*GREEDY)
        terminal.type("\x1b[A")
        terminal.read(lambda text: "remember me" in text)
        terminal.type("\x03")
        terminal.prompt()
        terminal.type("\x04")
        terminal.wait()
        os.remove(history)
        terminal = self.start("--no-history", *GREEDY)
        terminal.say("forget me")
        self.assertFalse(os.path.exists(history))

    def test_a_full_context_names_the_choices(self):
        terminal = self.start(*GREEDY, model=self.small)
        long = [{"role": "user", "content": "x" * 50}, {"role": "assistant", "content": "y" * 10},
                {"role": "user", "content": "x" * 50}, {"role": "assistant", "content": "y" * 10}]
        terminal.say("/load " + self.file("long.json", long))
        shown = terminal.say("hi")
        for word in ("The context is full", "139 tokens", "has 128", "/forget N", "/undo", "/clear", "/save"):
            self.assertIn(word, shown)
        self.assertEqual(len(self.messages(terminal)), 4)
        terminal.say("/forget")
        self.assertIn("Cut after 6 tokens", terminal.say("hi"))
        terminal.say("/set max_new_tokens 1000")
        self.assertIn("the answer has reached the end of the model's longest text, 128", terminal.say("hi"))

    def test_the_terminal_is_left_as_it_was(self):
        terminal = self.start(*GREEDY)
        during = termios.tcgetattr(terminal.file)
        terminal.say("hi")
        terminal.type("\x04")
        terminal.wait()
        after = termios.tcgetattr(terminal.file)
        self.assertNotEqual(during[3] & termios.ICANON, termios.ICANON)
        wanted = termios.ICANON | termios.ECHO | termios.ISIG
        self.assertEqual(after[3] & wanted, wanted)


if __name__ == "__main__":
    unittest.main()
