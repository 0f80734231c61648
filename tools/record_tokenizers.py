#!/usr/bin/env python3
"""Records what the pinned reference makes of many texts: tests/golden/tokenizers.

    record_tokenizers.py train              trains the small tokenizers small/*/tokenizer.json
    record_tokenizers.py texts              writes texts.jsonl (seeded: always the same)
    record_tokenizers.py record NAME PATH   writes NAME.jsonl for a folder or a .gguf file
    record_tokenizers.py small              records all small tokenizers
    record_tokenizers.py brief NAME PATH    writes NAME.txt: one hash a text, for the large ones
    record_tokenizers.py components         writes components/expected.jsonl (see below)
    record_tokenizers.py classes [PART ...] writes components/classes_expected.jsonl, or its lines whose names have a PART

A line of NAME.jsonl belongs to the same line of texts.jsonl: the ids, and FNV-1a 64 of the token
strings, of the offsets, and of the text decoded with and without special tokens. Recorded with
tokenizers 0.23.3 and transformers 5.23.0.
"""
import json
import os
import random
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "critical")
HERE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "tokenizers"

SENTENCES = """The rain in Spain falls mainly in the plain.
I'll say it's what they've done; we'd've gone, you're RIGHT, I'M sure, he'LL, 'Tis, don'T, 'ſ 'S 'ſt
Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich – „ß“!
Voix ambiguë d'un cœur qui, au zéphyr, préfère les jattes de kiwis. L'été, c'est fini.
El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío; ¿añoraba a su hermano?
Съешь же ещё этих мягких французских булок, да выпей чаю. 1 234,56 ₽
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Τάχιστη αλώπηξ.
いろはにほへと ちりぬるを。東京特許許可局、カタカナとﾊﾝｶｸ。ー
我能吞下玻璃而不伤身体。天地玄黃,宇宙洪荒。㐀𠀀𪛖
키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다.
نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ١٢٣٤
דג סקרן שט בים מאוכזב ולפתע מצא חברה. שָׁלוֹם
ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश १२३
เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์ ๑๒๓
ជាតិ ខ្មែរ ០១២ မြန်မာ ၁၂၃ ქართული ენა հայերեն አማርኛ ፩፪፫
def f(x: int = 0) -> dict[str, int]:\\n\\treturn {"a": x**2, 'b': ~x & 0xFF}  # ok\\n\\n\\n
for (int i = 0; i < n; ++i) { std::cout << v[i] << "\\\\n"; }  /* done */
<html><body class="x">&nbsp;<a href='https://example.org/?q=1&r=%20#top'>link</a></body></html>
SELECT * FROM t WHERE a>=10.5e-3 AND b != 'it''s' -- 100%\\r\\n\\r\\n;
👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇩🇪🇫🇷 ☕️ 1️⃣ ❤️‍🔥 😀😃😄
e\\u0301 n\\u0303 a\\u030a\\u0323 \\u0041\\u0300\\u0301\\u0302 ﬁ ﬆ Å Å ½ ² Ⅷ ① ㊗ ｆｕｌｌ
x=1234567890 3.14159 1,000,000 0x1F 1e10 ٣٫١٤ 12345678901234567890 1a2b3c 007
A  B   C    D\\t\\tE \\t F\\n G \\n\\n H\\r\\nI\\u00a0J\\u2003K\\u3000L\\u200bM\\ufeffN\\u2028O\\u0085P
""".encode().decode("utf-8").splitlines()
SENTENCES = [s.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r") for s in SENTENCES]
SENTENCES = [__import__("re").sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), s) for s in SENTENCES]
SPECIALS = """<|endoftext|> <|im_start|> <|im_end|> <|begin_of_text|> <|eot_id|> <|start_header_id|>
<|end_of_text|> <repo_name> <filename> <s> </s> <unk> <pad> [MASK] <mask> <tok> word
<|reserved_special_token_0|> <|im_start <|endoftext| |> <| endoftext|>""".replace("\n", " ").split(" ")
INTERESTING = list("aAbzZ '\"’.,!?-_/\\()[]{}<>|@#$%^&*+=~`0123456789sStTrReEvVmMlLdD") + [
    " ", "  ", "\n", "\r\n", "\r", "\t", "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "\u200d", "\ufeff", "\0",
    "ſ", "K", "ß", "İ", "ı", "é", "e\u0301", "ñ", "я", "Ж", "中", "文", "あ", "カ", "한", "ก", "ب", "ש", "अ", "\u093f",
    "½", "²", "٣", "Ⅷ", "𝟙", "😀", "👍🏽", "\U0001f1e9\U0001f1ea", "\ufe0f", "€", "…", "–", "“", "”", "\ufffd", "\ue000",
    "\U0001e900", "\U00020000", "\U0010ffff", "'s", "'S", "'ſ", "'re", "'LL", "don't", " the", " and", "ing",
]


def texts():
    rng = random.Random(20261123)
    out = ["", " ", "  ", "\n", "\n\n", " \n", "\n ", "a", " a", "a ", "'", "''", "'s", " 's", "\0", "\u00e9!"]
    out += SENTENCES
    words = [w for s in SENTENCES for w in s.split()]
    for s in SENTENCES:
        for _ in range(14):
            a, b = sorted((rng.randrange(len(s) + 1), rng.randrange(len(s) + 1)))
            out.append(s[a:b][:60])
    for _ in range(800):
        out.append("".join(rng.choice(INTERESTING) for _ in range(rng.randrange(1, 14))))
    for _ in range(300):
        out.append("".join(rng.choice([" ", "\n", "\t", "\r", "  ", "\u3000", "a", "1", "."]) for _ in range(rng.randrange(2, 16))))
    for _ in range(350):
        out.append("".join(rng.choice(SPECIALS + [" ", "  ", "\n", "x", "é", "word", "'s"]) for _ in range(rng.randrange(2, 6))))
    for _ in range(400):
        out.append(rng.choice([" ", "", "\n"]).join(rng.choice(words) for _ in range(rng.randrange(2, 7)))[:80])
    for _ in range(350):
        plane = rng.choice([0x250, 0x800, 0x3000, 0x10000, 0x20000, 0x110000])
        out.append("".join(chr(c) for c in (rng.randrange(plane) for _ in range(rng.randrange(1, 10))) if not 0xD800 <= c < 0xE000))
    for _ in range(300):
        out.append("".join(rng.choice("0123456789 .,-+eExX") for _ in range(rng.randrange(1, 16))))
    for c in ["s", "S", "ſ", "t", "T", "re", "rE", "ve", "VE", "m", "M", "ll", "lL", "d", "D", "x", "r", "l", "ſs", "\u212a"]:
        out += [f"'{c}", f"a'{c}b", f" '{c} ", f"''{c}", f"1'{c}2", f"\u2019{c}"]
    out += [c * n for c in ["a", " ", "\n", "!", "1", "é", "中", "😀", "ab", " a", "\t\n"] for n in (2, 3, 5, 17, 33, 40, 70)]
    return out


def fnv(value):
    data = json.dumps(value, ensure_ascii=False).encode() if not isinstance(value, str) else value.encode()
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def open_reference(path):
    """(encode, decode) of a folder or GGUF file, as the command line's contract has it."""
    path = Path(path)
    if path.suffix != ".gguf" and not (path / "tokenizer_config.json").exists() and (path / "tokenizer.json").exists():
        from tokenizers import Tokenizer

        library = Tokenizer.from_file(str(path / "tokenizer.json"))
        return library.encode, lambda ids, skip: library.decode(ids, skip_special_tokens=skip)
    from transformers import AutoTokenizer

    if path.suffix == ".gguf":
        tokenizer = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    else:
        tokenizer = AutoTokenizer.from_pretrained(str(path))
    encode = lambda text: tokenizer(text, return_offsets_mapping=True).encodings[0]
    return encode, lambda ids, skip: tokenizer.decode(ids, skip_special_tokens=skip)


def record(name, path):
    encode, decode = open_reference(path)
    with open(HERE / f"{name}.jsonl", "w", encoding="utf-8") as out:
        for line in open(HERE / "texts.jsonl", encoding="utf-8"):
            e = encode(json.loads(line))
            hashes = [
                fnv("\n".join(e.tokens)),
                fnv(" ".join(f"{a} {b}" for a, b in e.offsets)),
                fnv(decode(e.ids, False)),
                fnv(decode(e.ids, True)),
            ]
            out.write(json.dumps([e.ids, "".join(h[:8] for h in hashes)], separators=(",", ":")) + "\n")


def summary(e, text, text_without_specials):
    """Everything about an encoding in eight digits."""
    parts = [" ".join(map(str, e.ids)), "\n".join(e.tokens), " ".join(f"{a} {b}" for a, b in e.offsets),
             " ".join(map(str, e.type_ids)), text, text_without_specials]
    return fnv("\0".join(parts))[:8]


def record_brief(name, path):
    encode, decode = open_reference(path)
    with open(HERE / f"{name}.txt", "w", encoding="utf-8") as out:
        for line in open(HERE / "texts.jsonl", encoding="utf-8"):
            e = encode(json.loads(line))
            out.write(summary(e, decode(e.ids, False), decode(e.ids, True)) + "\n")


SWEPT = """normalizer_nfc normalizer_nfd normalizer_nfkc normalizer_nfkd normalizer_lowercase normalizer_strip_accents normalizer_nmt normalizer_bert
normalizer_precompiled pre_tokenizer_bert pre_tokenizer_whitespace pre_tokenizer_unicode_scripts pre_tokenizer_digits pre_tokenizer_split_isolated
regex_words regex_posix regex_nested regex_scripts regex_binary""".split()
EVERY_NTH = 8
SWEEP = 8192


def record_components():
    """A line [name, texts, pairs, sweep]: eight digits a case, '--------' where the library refuses.

    texts: every eighth of texts.jsonl; pairs: each of them behind the one before (where that is
    of interest); sweep: all code points, 8192 at a time (for the components that know classes).
    """
    from tokenizers import Tokenizer

    texts = [json.loads(line) for line in open(HERE / "texts.jsonl", encoding="utf-8")][::EVERY_NTH]
    blocks = ["".join(chr(c) for c in range(a, a + SWEEP) if not 0xD800 <= c < 0xE000) for a in range(0, 0x110000, SWEEP)]

    def digits(tokenizer, *text):
        try:
            e = tokenizer.encode(*text)
            return summary(e, tokenizer.decode(e.ids, skip_special_tokens=False), tokenizer.decode(e.ids))
        except BaseException as error:  # a panic of the library is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise
            return "-" * 8

    with open(HERE / "components" / "expected.jsonl", "w", encoding="utf-8") as out:
        for line in open(HERE / "components" / "tokenizers.jsonl", encoding="utf-8"):
            name, data = json.loads(line)
            tokenizer = Tokenizer.from_str(json.dumps(data))
            single = "".join(digits(tokenizer, text) for text in texts)
            paired = name.startswith(("post_processor", "shape", "model_unigram_t5"))
            pairs = "".join(digits(tokenizer, a, b) for a, b in zip([""] + texts, texts)) if paired else ""
            swept = "".join(digits(tokenizer, block) for block in blocks) if name in SWEPT else ""
            out.write(json.dumps([name, single, pairs, swept]) + "\n")


def record_classes(names):
    """A line [name, texts, pairs] for each of components/classes.jsonl, as above; AutoTokenizer reads the folder.

    The texts are followed by those of class_texts.jsonl. With `names` only these lines are made anew.
    """
    import tempfile
    from transformers import AutoTokenizer

    folder = HERE / "components"
    texts = [json.loads(line) for line in open(HERE / "texts.jsonl", encoding="utf-8")][::EVERY_NTH]
    texts += [json.loads(line) for line in open(folder / "class_texts.jsonl", encoding="utf-8")]
    files = dict(json.loads(line) for line in open(folder / "tokenizers.jsonl", encoding="utf-8"))
    known = {row[0]: row for row in map(json.loads, open(folder / "classes_expected.jsonl", encoding="utf-8"))} if names else {}
    rows = []
    for line in open(folder / "classes.jsonl", encoding="utf-8"):
        name, base, config, others = json.loads(line)
        if names and not any(n in name for n in names):
            rows.append(known[name])
            continue
        kind, file = base.split("/")
        path = folder / f"{file}.json"
        if not path.exists():
            path = HERE / "small" / file / "tokenizer.json"
        data = files[file] if kind == "components" else json.loads(path.read_text(encoding="utf-8"))
        given = {"tokenizer.json": data}
        if kind == "apart":
            merges = [m if isinstance(m, str) else " ".join(m) for m in data["model"]["merges"]]
            given = {"vocab.json": data["model"]["vocab"], "merges.txt": "\n".join(["#version: 0.2", *merges, ""])}
        with tempfile.TemporaryDirectory() as scratch:
            for file_name, content in {**given, "tokenizer_config.json": config, **others}.items():
                (Path(scratch) / file_name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
            try:
                tokenizer = AutoTokenizer.from_pretrained(scratch)
            except Exception as error:
                print(f"{name}: {type(error).__name__}: {error}")
                rows.append([name, "", ""])
                continue

        def digits(*text):
            try:
                e = tokenizer(*text, return_offsets_mapping=True).encodings[0]
                return summary(e, tokenizer.decode(e.ids), tokenizer.decode(e.ids, skip_special_tokens=True))
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                return "-" * 8

        single = "".join(digits(text) for text in texts)
        pairs = "".join(digits(a, b) for a, b in zip([""] + texts, texts[::4]))
        rows.append([name, single, pairs])
        if "-" in single[::8]:
            print(f"{name}: refuses {single[::8].count('-')} of {len(texts)}")
    with open(folder / "classes_expected.jsonl", "w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


def train():
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    llama3 = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    split = lambda pattern: pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)]
    )
    added = [AddedToken("<|endoftext|>", special=True, normalized=False)]
    odd = [
        AddedToken("<mask>", special=True, normalized=False, lstrip=True),
        AddedToken("<tok>", normalized=False, lstrip=True, rstrip=True),
        AddedToken("word", normalized=False, single_word=True),
        AddedToken("  ", normalized=True),
        AddedToken("é!", normalized=True),
    ]

    def make(name, model, pre, decoder, post=None, vocab=700, extra=(), alphabet=True, **options):
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = pre
        tokenizer.decoder = decoder
        trainer = trainers.BpeTrainer(
            vocab_size=vocab, show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if alphabet else [], **options,
        )
        tokenizer.train_from_iterator(SENTENCES * 3, trainer)
        tokenizer.add_tokens(list(extra))
        if post:
            tokenizer.post_processor = post(tokenizer)
        folder = HERE / "small" / name
        folder.mkdir(parents=True, exist_ok=True)
        data = json.loads(tokenizer.to_str())
        (folder / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")

    bos = lambda t: processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<|endoftext|> $A", pair="<|endoftext|> $A <|endoftext|>:1 $B:1",
                                      special_tokens=[("<|endoftext|>", t.token_to_id("<|endoftext|>"))]),
    ])
    make("gpt2", models.BPE(), byte_level, decoders.ByteLevel(), lambda t: processors.ByteLevel(trim_offsets=True), extra=added)
    make("prefix_space", models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=True), decoders.ByteLevel(),
         lambda t: processors.ByteLevel(trim_offsets=True, add_prefix_space=True), extra=added)
    make("llama3", models.BPE(ignore_merges=True), split(llama3), decoders.ByteLevel(), bos, extra=added)
    make("qwen2", models.BPE(), split(llama3.replace("{1,3}", "")), decoders.ByteLevel(), bos, extra=added)
    make("digits", models.BPE(), pre_tokenizers.Sequence([pre_tokenizers.Digits(True), byte_level]), decoders.ByteLevel(), extra=added)
    make("added", models.BPE(), byte_level, decoders.ByteLevel(), lambda t: processors.ByteLevel(trim_offsets=True), extra=added + odd)
    make("missing_bytes", models.BPE(), byte_level, decoders.ByteLevel(), lambda t: processors.ByteLevel(trim_offsets=False),
         vocab=300, alphabet=False, limit_alphabet=60)
    make("unknown", models.BPE(unk_token="<unk>"), pre_tokenizers.Digits(False), None, vocab=350, alphabet=False, limit_alphabet=90, special_tokens=["<unk>"])
    make("fused_unknown", models.BPE(unk_token="<unk>", fuse_unk=True), pre_tokenizers.Split(" ", "merged_with_next"), decoders.Fuse(),
         vocab=350, alphabet=False, limit_alphabet=90, special_tokens=["<unk>"])
    make("affixes", models.BPE(unk_token="<unk>", continuing_subword_prefix="##", end_of_word_suffix="</w>"),
         pre_tokenizers.Split(" ", "removed"), decoders.Sequence([decoders.Replace("</w>", " "), decoders.Strip(" ", 0, 1)]),
         vocab=420, alphabet=False, limit_alphabet=80, special_tokens=["<unk>"],
         continuing_subword_prefix="##", end_of_word_suffix="</w>")
    fallback = [f"<0x{b:02X}>" for b in range(256)]
    make("byte_fallback", models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True), pre_tokenizers.Split(" ", "merged_with_previous"),
         decoders.Sequence([decoders.Replace("a", "a"), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]),
         vocab=560, alphabet=False, limit_alphabet=60, special_tokens=["<unk>"] + fallback)


def main():
    command = sys.argv[1]
    if command == "train":
        train()
    elif command == "texts":
        with open(HERE / "texts.jsonl", "w", encoding="utf-8") as out:
            for text in texts():
                out.write(json.dumps(text) + "\n")
    elif command == "record":
        record(sys.argv[2], sys.argv[3])
    elif command == "brief":
        record_brief(sys.argv[2], sys.argv[3])
    elif command == "components":
        record_components()
    elif command == "classes":
        record_classes(sys.argv[2:])
    else:
        for folder in sorted((HERE / "small").iterdir()):
            record("small_" + folder.name, folder)


if __name__ == "__main__":
    main()
