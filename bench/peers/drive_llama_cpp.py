"""llama.cpp through the C interface of its shared library (llama.h), with its own greedy sampler.

Structures that are passed by value are declared larger than they are: on x86-64 and arm64 a callee reads what it
knows and leaves the rest alone, so one driver serves several versions. Only their first, old fields are set.
"""

import ctypes as c
import glob
import os

from protocol import drive


class Parameters(c.Structure):  # llama_context_params: these four come first since 2024
    _fields_ = [("n_ctx", c.c_uint32), ("n_batch", c.c_uint32), ("n_ubatch", c.c_uint32), ("n_seq_max", c.c_uint32),
                ("rest", c.c_uint8 * 1008)]  # fmt: skip


class ModelParameters(c.Structure):
    _fields_ = [("all", c.c_uint8 * 1024)]


class Batch(c.Structure):
    _fields_ = [("n_tokens", c.c_int32), ("token", c.POINTER(c.c_int32)), ("embd", c.POINTER(c.c_float)),
                ("pos", c.POINTER(c.c_int32)), ("n_seq_id", c.POINTER(c.c_int32)), ("seq_id", c.POINTER(c.POINTER(c.c_int32))),
                ("logits", c.POINTER(c.c_int8))]  # fmt: skip


POINTERS = ("llama_model_load_from_file", "llama_init_from_model", "llama_get_memory", "llama_sampler_init_greedy")


def library(folder):
    """libllama from the folder, and the kernels that lie beside it."""
    def one(pattern):
        return c.CDLL(sorted(glob.glob(os.path.join(folder, pattern)))[0], mode=c.RTLD_GLOBAL)

    base = one("libggml-base*.so*")
    ggml = one("libggml.*so*")
    llama = one("libllama.*so*")
    if hasattr(ggml, "ggml_backend_load_all_from_path"):
        ggml.ggml_backend_load_all_from_path(folder.encode())
    silent = c.CFUNCTYPE(None, c.c_int, c.c_char_p, c.c_void_p)(lambda *_: None)
    llama.llama_log_set(silent, None)
    llama.keep = (base, ggml, silent)
    for name in POINTERS:
        getattr(llama, name).restype = c.c_void_p
    llama.llama_model_default_params.restype = ModelParameters
    llama.llama_context_default_params.restype = Parameters
    llama.llama_sampler_sample.argtypes = [c.c_void_p, c.c_void_p, c.c_int32]
    llama.llama_batch_init.restype = Batch
    llama.llama_decode.argtypes = [c.c_void_p, Batch]
    return llama


class Model:
    def __init__(self, options):
        self.llama = library(options.program)
        self.llama.llama_backend_init()
        self.threads = options.threads
        self.model = c.c_void_p(self.llama.llama_model_load_from_file(options.model.encode(), self.llama.llama_model_default_params()))
        if not self.model:
            raise RuntimeError("it does not load " + options.model)
        self.greedy = self.llama.llama_sampler_init_greedy()
        self.size, self.context = (0, 0), None

    def reserve(self, sequences, tokens):
        """A context for so many sequences of so many tokens; kept while it suffices."""
        tokens = -(-tokens // 256) * 256
        if self.size != (sequences, tokens):
            if self.context:
                self.llama.llama_free(self.context)
            parameters = self.llama.llama_context_default_params()
            parameters.n_ctx, parameters.n_seq_max = sequences * tokens, sequences
            parameters.n_batch, parameters.n_ubatch = 2048, 512
            self.context = c.c_void_p(self.llama.llama_init_from_model(self.model, parameters))
            self.llama.llama_set_n_threads(self.context, self.threads, self.threads)
            self.size = (sequences, tokens)
        self.llama.llama_memory_clear(c.c_void_p(self.llama.llama_get_memory(self.context)), True)

    def step(self, rows, start):
        """Feeds rows[s] to sequence s from position `start`; the most probable next token of each."""
        batch = self.llama.llama_batch_init(sum(map(len, rows)), 0, 1)
        last = []
        for sequence, ids in enumerate(rows):
            for i, token in enumerate(ids):
                at = batch.n_tokens
                batch.token[at], batch.pos[at], batch.n_seq_id[at] = token, start + i, 1
                batch.seq_id[at][0], batch.logits[at] = sequence, i + 1 == len(ids)
                batch.n_tokens += 1
            last.append(batch.n_tokens - 1)
        if self.llama.llama_decode(self.context, batch):
            raise RuntimeError("llama_decode failed")
        best = [self.llama.llama_sampler_sample(self.greedy, self.context, at) for at in last]
        self.llama.llama_batch_free(batch)
        return best


def open_model(options):
    model = Model(options)

    def generate(prompts, new_tokens, beams, tick):
        if beams > 1:
            raise ValueError("it has no beam search")
        length = len(prompts[0])
        model.reserve(len(prompts), length + new_tokens)
        made = [model.step(prompts, 0)]
        tick()
        while len(made) < new_tokens:
            made.append(model.step([[token] for token in made[-1]], length + len(made) - 1))
            tick()
        return [list(row) for row in zip(*made)]

    return generate


if __name__ == "__main__":
    drive(open_model)
