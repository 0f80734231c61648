"""Measurements as JSON lines: appended one by one, so a run may stop anywhere and go on later."""

import json
import os
import statistics

from rows import LESS_IS_MORE, as_rivals_do


class Results:
    def __init__(self, path):
        self.path = path
        self.lines = []
        if os.path.exists(path):
            with open(path, "r+", encoding="utf-8") as file:
                text = file.read()
                whole = text[: text.rfind("\n") + 1]  # a run that was killed leaves half a line
                if whole != text:
                    file.seek(0)
                    file.truncate(len(whole.encode()))
            self.lines = [json.loads(line) for line in whole.splitlines()]

    def add(self, **line):
        self.lines.append(line)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def done(self, row, peer, round_, retry=False):
        """Measured; or failed, which is tried again only when told to."""
        return any((line.get("row"), line.get("peer"), line.get("round")) == (row, peer, round_) and not (retry and "error" in line)
                   for line in self.lines)  # fmt: skip

    def values(self, row, peer):
        return [line["value"] for line in self.lines if line.get("row") == row and line.get("peer") == peer and "value" in line]

    def median(self, row, peer):
        values = self.values(row, peer)
        return statistics.median(values) if values else None

    def failures(self):
        """{(peer, row): message} of what never gave a value."""
        return {(line["peer"], line["row"]): line["error"] for line in self.lines
                if "error" in line and not self.values(line["row"], line["peer"])}  # fmt: skip

    def peers(self, row=None):
        """In the order of their first line."""
        return list(dict.fromkeys(line["peer"] for line in self.lines if "row" in line and row in (None, line["row"])))

    def last(self, kind):
        """The newest line that is about the run itself: machine, limits, …"""
        found = [line for line in self.lines if line.get("about") == kind]
        return found[-1] if found else None

    def limits(self, name):
        """What a model costs and this machine can do: of all rounds the most, for others only ever take."""
        found = [line for line in self.lines if line.get("about") == "limits " + name]
        if not found:
            return None
        best = dict(found[-1])
        for key in ("read_bytes_per_second", "multiply_add_operations_per_second", "dequantise_tokens_per_second"):
            if any(key in line for line in found):
                best[key] = max(line[key] for line in found if key in line)
        return best

    def disturbed(self, *rows):
        """Whether other programs took more than a fifth of a core while these (or all) rows were measured."""
        foreign = [line["foreign"] for line in self.lines
                   if "foreign" in line and "+busy" not in line["row"] and (not rows or line["row"] in rows)]  # fmt: skip
        return bool(foreign) and statistics.median(foreign) > 0.2

    def share_of_limit(self, row):
        """Our decode over what reading the weights once a token allows; None for other rows."""
        name, metric = row.split("/")
        limits, ours = self.limits(name), self.median(row, "typecase")
        if not limits or not ours or not metric.startswith("decode") or "+" in metric:
            return None
        return ours * limits["bytes_per_token"] / limits["read_bytes_per_second"]

    def share_of_goal(self, row):
        """Our decode over 85 % of that, or 75 % of what dequantising and multiplying allows, whichever is lower."""
        share, limits = self.share_of_limit(row), self.limits(row.split("/")[0])
        if share is None:
            return None
        ceiling = limits.get("dequantise_tokens_per_second")
        return max(share / 0.85, self.median(row, "typecase") / (0.75 * ceiling) if ceiling else 0)

    def best_rival(self, row, beginning=""):
        """(peer, median) of the best one but us."""
        row = as_rivals_do(row)
        rivals = [(peer, self.median(row, peer)) for peer in self.peers(row) if peer != "typecase" and peer.startswith(beginning)]
        rivals = [(peer, value) for peer, value in rivals if value is not None]
        if not rivals:
            return None, None
        choose = min if row.split("/")[1] in LESS_IS_MORE else max
        return choose(rivals, key=lambda rival: rival[1])

    def ratio(self, row, rival):
        """How many times better we are: ours / rival, or rival / ours where less is more."""
        ours = self.median(row, "typecase")
        if not ours or not rival:
            return None
        return rival / ours if row.split("/")[1] in LESS_IS_MORE else ours / rival

    def verdict(self, required):
        """(rival's name, ratio, whether it suffices); the ratio is None where something was not measured."""
        if required.rival == "file":
            size, ours = self.last("file " + required.row.split("/")[0]), self.median(required.row, "typecase")
            if not size or not ours:
                return "the file", None, False
            return "the file", ours / size["bytes"], ours / size["bytes"] <= required.factor
        if "/" in required.rival:
            peer, value = required.rival.split("/")[1] + ", our own", self.median(required.rival, "typecase")
        else:
            peer, value = self.best_rival(required.row, "" if required.rival == "best" else required.rival)
        ratio = self.ratio(required.row, value)
        return peer, ratio, ratio is not None and ratio >= required.factor


def agreement(ours, reference):
    """How many leading ids are equal."""
    same = 0
    for a, b in zip(ours, reference):
        if a != b:
            break
        same += 1
    return same
