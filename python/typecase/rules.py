"""The caller's own rules in generate(): logits processors and stopping criteria."""

from __future__ import annotations


class LogitsProcessor:
    """Changes scores: called with input_ids [rows, length] and scores [rows, vocabulary], returns scores."""

    def __call__(self, input_ids, scores):
        raise NotImplementedError(f"{type(self).__name__} has no __call__(input_ids, scores)")


class LogitsProcessorList(list):
    """Processors that act one after the other."""

    def __call__(self, input_ids, scores, **kwargs):
        for processor in self:
            scores = processor(input_ids, scores, **kwargs)
        return scores


class StoppingCriteria:
    """Ends rows: called with input_ids [1, length] and None, returns whether the row is finished."""

    def __call__(self, input_ids, scores, **kwargs):
        raise NotImplementedError(f"{type(self).__name__} has no __call__(input_ids, scores)")


class StoppingCriteriaList(list):
    """Criteria of which one is enough."""

    def __call__(self, input_ids, scores, **kwargs):
        return any(bool(_first(criterion(input_ids, scores, **kwargs))) for criterion in self)


def _first(answer):
    """A criterion answers with a bool, or with one for each row: here there is one row."""
    from .tensors import plain

    answer = plain(answer)
    return answer[0] if isinstance(answer, list) else answer
