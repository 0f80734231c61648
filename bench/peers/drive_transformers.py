"""transformers' generate() on PyTorch, eager."""

import os

from protocol import drive


def open_model(options):
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))
    import torch
    from transformers import AutoModelForCausalLM, LogitsProcessor, LogitsProcessorList, logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(options.threads)
    dtype = torch.bfloat16 if options.format == "bf16" else torch.float32
    where = {"pretrained_model_name_or_path": options.model}
    if options.model.endswith(".gguf"):
        folder, file = os.path.split(options.model)
        where = {"pretrained_model_name_or_path": folder, "gguf_file": file}
    model = AutoModelForCausalLM.from_pretrained(**where, dtype=dtype).eval()
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0

    class Tick(LogitsProcessor):
        def __init__(self, tick):
            self.tick = tick

        def __call__(self, _, scores):
            self.tick()
            return scores

    @torch.inference_mode()
    def generate(prompts, new_tokens, beams, tick):
        ids = torch.tensor(prompts)
        made = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=new_tokens, min_new_tokens=new_tokens,
                              do_sample=False, num_beams=beams, logits_processor=LogitsProcessorList([Tick(tick)]))  # fmt: skip
        return made[:, ids.shape[1] :].tolist()

    @torch.inference_mode()
    def again(prompt, made):
        return model(torch.tensor([prompt + made])).logits[0, len(prompt) - 1 : -1].argmax(-1).tolist()

    generate.again = again
    return generate


if __name__ == "__main__":
    drive(open_model)
