"""OpenVINO GenAI's LLMPipeline, paged attention, the precision said (else it quantises activations)."""

from protocol import drive

END = 0  # no prompt has it; asking for the least length forbids it


def open_model(options):
    import numpy as np
    import openvino as ov
    import openvino_genai as genai

    precision = "f32" if options.format == "f32" else "bf16"
    pipeline = genai.LLMPipeline(options.model, "CPU", INFERENCE_NUM_THREADS=options.threads, ATTENTION_BACKEND="PA",
                                 INFERENCE_PRECISION_HINT=precision)  # fmt: skip

    class Tick(genai.StreamerBase):
        def __init__(self, tick):
            super().__init__()
            self.tick = tick

        def write(self, _):
            self.tick()
            return genai.StreamingStatus.RUNNING

        def end(self):
            pass

    def config(new_tokens, beams):
        c = genai.GenerationConfig()
        c.max_new_tokens = c.min_new_tokens = new_tokens
        c.ignore_eos, c.do_sample = True, False
        c.stop_token_ids = {END}
        c.set_eos_token_id(END)  # beam search ends at the model's own otherwise
        if beams > 1:
            c.num_beams, c.num_return_sequences, c.stop_criteria = beams, 1, genai.StopCriteria.NEVER
        return c

    def generate(prompts, new_tokens, beams, tick):
        ids = np.array(prompts, dtype=np.int64)
        inputs = genai.TokenizedInputs(ov.Tensor(ids), ov.Tensor(np.ones_like(ids)))
        streamer = [Tick(tick)] if len(prompts) == 1 and beams == 1 else []
        return [list(row) for row in pipeline.generate(inputs, config(new_tokens, beams), *streamer).tokens]

    return generate


if __name__ == "__main__":
    drive(open_model)
