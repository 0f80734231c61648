"""CTranslate2's Generator. It is told tokens by name; ours are named after their ids' place in the vocabulary."""

import json
import os

from protocol import drive


def open_model(options):
    import ctranslate2

    kind = {"f32": "float32", "bf16": "bfloat16", "q8_0": "int8"}[options.format]
    model = ctranslate2.Generator(options.model, device="cpu", compute_type=kind, inter_threads=1, intra_threads=options.threads)
    with open(os.path.join(options.model, "vocabulary.json"), encoding="utf-8") as file:
        vocabulary = json.load(file)

    def generate(prompts, new_tokens, beams, _):
        made = model.generate_batch([[vocabulary[i] for i in ids] for ids in prompts], max_length=new_tokens, min_length=new_tokens,
                                    beam_size=beams, sampling_topk=1, include_prompt_in_result=False, max_batch_size=0)  # fmt: skip
        return [row.sequences_ids[0] for row in made]

    return generate


if __name__ == "__main__":
    drive(open_model)
