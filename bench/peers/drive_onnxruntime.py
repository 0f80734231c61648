"""ONNX Runtime GenAI's Generator."""

import json

from protocol import drive


def open_model(options):
    import onnxruntime_genai as genai

    config = genai.Config(options.model)
    config.clear_providers()
    config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": options.threads}}}}))
    model = genai.Model(config)

    def generate(prompts, new_tokens, beams, tick):
        parameters = genai.GeneratorParams(model)
        start = len(prompts[0])
        parameters.set_search_options(max_length=start + new_tokens, min_length=start + new_tokens, do_sample=False, num_beams=beams,
                                      batch_size=len(prompts), past_present_share_buffer=beams == 1)  # fmt: skip
        generator = genai.Generator(model, parameters)
        generator.append_tokens(prompts if len(prompts) > 1 else prompts[0])
        while not generator.is_done():
            generator.generate_next_token()
            tick()
        return [list(map(int, generator.get_sequence(i)))[start:] for i in range(len(prompts))]

    return generate


if __name__ == "__main__":
    drive(open_model)
