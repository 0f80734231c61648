"""`typecase run` as a person or a pipe meets it: streaming, Ctrl-C, closed pipes, prompts, colours."""
import json
import os
import pty
import select
import signal
import subprocess
import time
import unittest

from cli_support import PROGRAM, CliTest

GREEDY = ("--no-do-sample", "--max-new-tokens", "6", "--set", "eos_token_id=null")
ENDLESS = ("--max-new-tokens", "1000000", "--set", "eos_token_id=null")


class Run(CliTest):
    def run_text(self, *arguments, **more):
        return self.cli("run", "--model", self.model, *arguments, **more)[0].decode()

    def document(self, *arguments):
        return json.loads(self.run_text("--json", *arguments))

    def test_prints_the_prompt_and_its_continuation(self):
        text = self.run_text("ab", *GREEDY)
        self.assertTrue(text.startswith("ab") and text.endswith("\n") and len(text) > 3, text)
        self.assertEqual(self.run_text("ab", *GREEDY, "--no-prompt"), text[2:])
        self.assertEqual(self.document("ab", *GREEDY)["result"], [{"generated_text": text[:-1]}])

    def test_the_prompt_may_come_from_standard_input(self):
        text = self.run_text("ab c", *GREEDY)
        self.assertEqual(self.run_text(*GREEDY, stdin=b"ab c\n"), text)
        self.assertEqual(self.run_text(*GREEDY, stdin=b"ab c"), text)
        self.assertNotEqual(self.run_text(*GREEDY, stdin=b"ab c\n\n"), text)

    def test_a_prompt_may_begin_with_a_dash_behind_two(self):
        self.assertTrue(self.run_text(*GREEDY, "--", "--help").startswith("--help"))

    def test_invalid_utf8_is_refused_with_its_place_or_replaced(self):
        for stdin, arguments in ((b"ab\xff", ()), (b"", ("ab\udcff",))):
            message = self.refused(2, "run", "--model", self.model, *arguments, stdin=stdin)
            self.assertIn("at byte 2", message)
            self.assertIn("--replace-invalid", message)
        self.assertTrue(self.run_text(*GREEDY, "--replace-invalid", "ab\udcff").startswith("ab\ufffd"))

    def test_a_seed_is_shown_and_repeats_the_text(self):
        first = self.document("ab", "--max-new-tokens", "20")
        again = self.document("ab", "--max-new-tokens", "20", "--seed", str(first["seed"]))
        self.assertEqual(first["result"], again["result"])
        other = self.document("ab", "--max-new-tokens", "20")
        self.assertNotEqual(first["seed"], other["seed"])
        errors = self.cli("run", "-v", "--model", self.model, "ab", *GREEDY, "--seed", "5")[1]
        self.assertIn("seed 5\n", errors)
        self.assertIn("backend ", errors)

    def test_events(self):
        lines = self.run_text("--jsonl", "ab", *GREEDY).splitlines()
        events = [json.loads(line) for line in lines]
        self.assertEqual([e["event"] for e in events], ["start"] + ["text"] * (len(events) - 2) + ["end"])
        text = "ab" + "".join(e["text"] for e in events[1:-1])
        self.assertEqual(events[-1]["result"], [{"generated_text": text}])

    def test_several_sequences_are_printed_whole(self):
        text = self.run_text("ab", "--num-return-sequences", "2", "--max-new-tokens", "4", "--seed", "1")
        first, second = text.split("\n\n")
        self.assertTrue(first.startswith("ab") and second.startswith("ab"))

    def test_float_options_may_be_whole_numbers(self):
        same = ("ab", "--max-new-tokens", "8", "--seed", "3")
        self.assertEqual(self.run_text(*same, "--temperature", "2", "--top-p", "1"),
                         self.run_text(*same, "--set", "temperature=2.0", "--set", "top_p=1.0"))

    def test_a_config_file_is_refined_by_options(self):
        with open(self.path("generation.json"), "w", encoding="utf-8") as f:
            json.dump({"do_sample": False, "max_new_tokens": 9, "eos_token_id": None}, f)
        config = ("--generation-config", self.path("generation.json"))
        self.assertEqual(self.run_text("ab", *config, *GREEDY), self.run_text("ab", *GREEDY))


class Pipes(CliTest):
    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment())

    def test_text_arrives_while_it_is_made(self):
        process = self.start("run", "ab", "--model", self.model, *ENDLESS)
        self.assertEqual(process.stdout.read(2), b"ab")      # a million tokens are still to come
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(process.wait(30), 0)
        process.stderr.close()

    def test_a_closed_pipe_ends_a_batch_quietly(self):
        with open(self.path("many.jsonl"), "w", encoding="utf-8") as f:
            f.writelines('{"id": %d, "text": "ab"}\n' % i for i in range(100000))
        process = self.start("tokenize", "--model", self.model, "--requests", self.path("many.jsonl"))
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(process.wait(30), 0)
        process.stderr.close()


class Terminal(CliTest):
    """The program with a terminal for standard output, and standard input where that matters."""

    def start(self, *arguments, **environment):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(PROGRAM, [PROGRAM, *arguments], self.environment(TERM="xterm", **environment))
        self.addCleanup(os.close, terminal)
        return pid, terminal

    def read(self, terminal, enough=lambda text: False, seconds=60):
        """What comes until `enough` or the end."""
        text, end = "", time.monotonic() + seconds
        while not enough(text) and time.monotonic() < end:
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                block = os.read(terminal, 4096)
            except OSError:
                break
            if not block:
                break
            text += block.decode(errors="replace")
        return text

    def test_ctrl_c_ends_the_stream_in_good_order(self):
        pid, terminal = self.start("run", "ab", "--model", self.model, *ENDLESS)
        self.read(terminal, lambda text: len(text) > 40)
        os.write(terminal, b"\x03")
        rest = self.read(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 130)
        self.assertTrue(rest.endswith("\r\n"), rest[-20:])

    def test_ctrl_c_still_gives_the_document(self):
        process = subprocess.Popen([PROGRAM, "run", "ab", "--jsonl", "--model", self.model, *ENDLESS],
                                   stdout=subprocess.PIPE, env=self.environment())
        for _ in range(5):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        last = json.loads(process.communicate(timeout=60)[0].splitlines()[-1])
        self.assertEqual((process.returncode, last["event"], last["stopped"]), (130, "end", True))

    def test_no_prompt_and_nothing_to_read(self):
        pid, terminal = self.start("run", "--model", self.model)
        self.assertIn("a text is needed", self.read(terminal))
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 2)

    def test_colour_only_on_a_terminal_and_not_against_NO_COLOR(self):
        command = ("tokenize", "ab", "--model", self.model)
        for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            pid, terminal = self.start(*command, **environment)
            self.assertEqual("\033[" in self.read(terminal), coloured)
            os.waitpid(pid, 0)
        self.assertNotIn(b"\033[", self.cli(*command)[0])


if __name__ == "__main__":
    unittest.main()
