"""vLLM's CPU back end, offline, eager (its compilation takes minutes)."""

import os

from protocol import drive


def open_model(options):
    os.environ.update(VLLM_CPU_KVCACHE_SPACE="2", VLLM_ENABLE_V1_MULTIPROCESSING="0", VLLM_LOGGING_LEVEL="ERROR",
                      OMP_NUM_THREADS=str(options.threads))  # fmt: skip
    from vllm import LLM, SamplingParams
    from vllm.inputs import TokensPrompt

    model = LLM(options.model, dtype="bfloat16" if options.format == "bf16" else "float32", max_model_len=4096, max_num_seqs=16,
                skip_tokenizer_init=True, enable_prefix_caching=False, enforce_eager=True, disable_log_stats=True)  # fmt: skip

    def generate(prompts, new_tokens, beams, _):
        if beams > 1:
            raise ValueError("its beam search needs a tokenizer")
        how = SamplingParams(temperature=0, max_tokens=new_tokens, ignore_eos=True, detokenize=False)
        made = model.generate([TokensPrompt(prompt_token_ids=ids) for ids in prompts], how, use_tqdm=False)
        return [list(row.outputs[0].token_ids) for row in made]

    return generate


if __name__ == "__main__":
    drive(open_model)
