"""Completions and the manual page, generated from the option tables; tokens as cells; templates of a model."""
import json
import os
import pty
import re
import shutil
import subprocess
import unittest

from cli_support import PROGRAM, CliTest


class Completions(CliTest):
    def bash(self, *words):
        """What bash would offer for the last of `words`."""
        script = self.cli("completions", "bash")[0].decode()
        line = " ".join(f"'{w}'" for w in ("typecase", *words))
        ask = f"COMP_WORDS=({line}); COMP_CWORD={len(words)}; _typecase; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "--norc", "-c", script + ask], capture_output=True, text=True, cwd=self.folder.name)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_bash_completes_commands_options_words_and_files(self):
        self.assertEqual(self.bash("tok"), ["tokenize"])
        self.assertIn("chat", self.bash(""))
        self.assertEqual(self.bash("run", "--temp"), ["--temperature"])
        self.assertEqual(set(self.bash("run", "--no-do")), {"--no-do-sample"})
        self.assertEqual(set(self.bash("run", "--dtype", "")), {"auto", "float32", "bfloat16", "float16"})
        self.assertEqual(self.bash("chat", "--special-tokens-in-messages", "l"), ["literal"])
        self.assertEqual(self.bash("run", "--model", "mod"), ["model"])
        self.assertEqual(self.bash("run", "-m", "mod"), ["model"])
        self.assertEqual(self.bash("run", "--seed", ""), [])

    def on_tab(self, shell, lines, **environment):
        """What an interactive shell prints when `lines` are typed, Tabs and all."""
        main, other = pty.openpty()
        process = subprocess.Popen(shell, stdin=other, stdout=other, stderr=other, cwd=self.folder.name,
                                   env=self.environment(TERM="dumb", **environment), start_new_session=True)
        os.close(other)
        os.write(main, lines + b"exit\n")
        shown = b""
        while True:
            try:
                block = os.read(main, 4096)
            except OSError:
                break
            if not block:
                break
            shown += block
        process.wait(60)
        os.close(main)
        return shown

    def test_bash_really_completes_on_tab(self):
        """An interactive bash, a Tab, and the line it makes of it."""
        with open(self.path("rc"), "wb") as f:
            f.write(b"PS1='$ '\nbind 'set bell-style none'\nbind 'set enable-bracketed-paste off'\n" + self.cli("completions", "bash")[0])
            f.write(b"typecase() { printf '<%s>' \"$@\"; }\n")
        shown = self.on_tab(["bash", "--rcfile", self.path("rc"), "-i"], b"typecase tok\t--vi\t\ntypecase completions zs\t\n")
        self.assertIn(b"<tokenize><--view>", shown)
        self.assertIn(b"<completions><zsh>", shown)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_really_completes_on_tab(self):
        os.mkdir(self.path("functions"))
        with open(self.path("functions/_typecase"), "wb") as f:
            f.write(self.cli("completions", "zsh")[0])
        with open(self.path(".zshrc"), "w") as f:
            f.write("PS1='$ '\nunset zle_bracketed_paste\nunsetopt beep\nfpath=($ZDOTDIR/functions $fpath)\n"
                    "autoload -Uz compinit && compinit -u -D\ntypecase() { print -r -- \"<${(j:><:)@}>\"; }\n")
        typed = (b"typecase tok\t--vi\t\ntypecase run --no-do-s\t--dtype bf\t--model mod\t\ntypecase run --seed \t1\n"
                 b"typecase chat --special-tokens-in-messages l\t\ntypecase completions zs\t\ntypecase run --help-a\t\n")
        shown = self.on_tab(["zsh", "-i"], typed, ZDOTDIR=self.folder.name)
        for line in (b"<tokenize><--view>", b"<run><--no-do-sample><--dtype><bfloat16><--model><model>", b"<run><--seed><1>",
                     b"<chat><--special-tokens-in-messages><literal>", b"<completions><zsh>", b"<run><--help-all>"):
            self.assertIn(line, shown)

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_completes_commands_options_words_and_files(self):
        with open(self.path("typecase.fish"), "wb") as f:
            f.write(self.cli("completions", "fish")[0])
        lines = ["tok", "run --temp", "run --dtype ", "run --model mod", "run -m mod", "run --seed ", "run --no-do", "completions ", "run --help",
                 "chat --special-tokens-in-messages l"]
        ask = "source typecase.fish\n" + "".join(f"complete -C'typecase {line}'\necho ---\n" for line in lines)
        done = subprocess.run(["fish", "--no-config", "-c", ask], capture_output=True, text=True, cwd=self.folder.name)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = [[row.split("\t")[0] for row in part.split("\n") if row] for part in done.stdout.split("---\n")]
        self.assertEqual(found[:-1], [["tokenize"], ["--temperature"], ["auto", "bfloat16", "float16", "float32"], ["model/"], ["model/"], [],
                                      ["--no-do-sample"], ["bash", "fish", "man", "zsh"], ["--help", "--help-all"], ["literal"]])

    def test_every_option_of_every_command_is_there(self):
        zsh, fish, bash = (self.cli("completions", shell)[0].decode() for shell in ("zsh", "fish", "bash"))
        manual = self.cli("completions", "man")[0].decode().replace("\\-", "-")
        for command in ("run", "chat", "tokenize", "render", "bench"):
            text = self.cli(command, "--help-all")[0].decode()
            options = re.findall(r"^  (?:-\w, )?--(?:\[no-\])?([\w-]+)", text, re.M)
            self.assertGreater(len(options), 8)
            for option in options:
                for script, spelled in ((bash, f"--{option}"), (zsh, f"--{option}["), (fish, f"-l {option} "), (manual, option)):
                    self.assertIn(spelled, script)

    def test_other_shells_can_read_them(self):
        for shell, check in (("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"]), ("bash", ["bash", "-n"])):
            if shutil.which(shell):
                with open(self.path(shell), "wb") as f:
                    f.write(self.cli("completions", shell)[0])
                done = subprocess.run([*check, self.path(shell)], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""), shell)
        self.assertIn("bash, zsh, fish or man", self.refused(2, "completions", "csh"))

    def test_the_manual_is_a_manual(self):
        page = self.cli("completions", "man")[0]
        self.assertTrue(page.startswith(b".TH TYPECASE 1 "))
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww"], input=page, capture_output=True)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            text = re.sub(".\b", "", done.stdout.decode())   # bold is struck twice
            for word in ("NAME", "SYNOPSIS", "COMMANDS", "EXIT STATUS", "typecase chat", "TYPECASE_MODEL"):
                self.assertIn(word, text)


class View(CliTest):
    def test_tokens_stand_above_their_ids(self):
        text = self.cli("tokenize", "--view", "--model", self.model, "ab c")[0].decode()
        tokens, ids, count = text.splitlines()
        self.assertEqual([t.strip() for t in tokens.split("\u2502")], ["a", "b", "\u00b7", "c"])
        self.assertEqual([i.strip() for i in ids.split("\u2502")], ["64", "65", "94", "66"])
        self.assertEqual(count, "4 tokens")

    def test_a_line_ends_behind_a_line_end(self):
        text = self.cli("tokenize", "--view", "--model", self.model, "a\nb")[0].decode()
        self.assertEqual(len(text.splitlines()), 5)


class Templates(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        named = [{"name": "default", "template": "D{{ messages[0].content }}"}, {"name": "tool_use", "template": "T{{ tools|length }}"}]
        with open(os.path.join(cls.model, "tokenizer_config.json"), "w", encoding="utf-8") as f:
            json.dump({"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": named}, f)

    def render(self, *arguments, code=0):
        return self.cli("render", "--model", self.model, *arguments, code=code)[0].decode()

    def test_a_name_a_source_or_what_goes_without_saying(self):
        self.assertEqual(self.render("--user", "x"), "Dx")
        self.assertEqual(self.render("--user", "x", "--tools", '[{"a": 1}]'), "T1")
        self.assertEqual(self.render("--user", "x", "--chat-template", "tool_use", "--tools", '[{"a": 1}]'), "T1")
        self.assertEqual(self.render("--user", "x", "--chat-template", "S{{ 1 + 1 }}"), "S2")
        self.assertEqual(self.render("--user", "x", "--chat-template", "{{ now }}{{ documents[0].t }}", "--variables", '{"now": 3}',
                                     "--documents", '[{"t": 4}]'), "34")

    def test_batch(self):
        ask = {"messages": [{"role": "user", "content": "x"}]}
        requests = [{"id": 1, **ask}, {"id": 2, **ask, "tools": [{}]}, {"id": 3, **ask, "chat_template": "default", "tools": [{}]},
                    {"id": 4, **ask, "chat_template": "{{ strftime_now('%Y-%m-%d') }}", "now": "2026-11-22T10:00:00"},
                    {"id": 5, "messages": []}, {"id": 6, **ask, "documents": ["no object"]},
                    {"id": 7, **ask, "chat_template": "content:{{ messages[0].content }}!", "continue_final_message": True},
                    {"id": 8, **ask, "chat_template": "{{ nonsense", "variables": {"a": 1}}]
        answers = self.batch("render", requests, code=1)
        self.assertEqual([a.get("text") for a in answers], ["Dx", "T1", "Dx", "2026-11-22", None, None, "content:x", None])
        self.assertEqual([a["error"]["code"] for a in answers if "error" in a], ["invalid_argument"] * 3)

    def test_a_final_message_is_continued(self):
        self.assertEqual(self.render("--user", "x", "--continue-final-message", "content", "--chat-template",
                                     "{{ messages[0].content }}<end>"), "x")


if __name__ == "__main__":
    unittest.main()
