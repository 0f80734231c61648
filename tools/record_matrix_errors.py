#!/usr/bin/env python3
"""Records how far PyTorch's matrix products are from exact ones: tests/golden/matrix_errors.csv.

    record_matrix_errors.py > tests/golden/matrix_errors.csv          needs torch 2.15.0

For inputs in float32 and bfloat16 and float32 inputs with quantised weights, lengths of the sum as models have them and 1 or 16 rows:  y = x·Wᵀ  by torch (one
thread), and the root of the mean of (y − y₆₄)², divided by that of y₆₄², where y₆₄ is computed in float64. The numbers
are a pure function of their place, so that a test in another language has exactly the same.
"""

import numpy as np
import torch

OUTPUTS = 256


def hashes(which, count):
    """24 bits of a hash of the place. `which` keeps rows and weights apart."""
    h = np.arange(count, dtype=np.uint64) + np.uint64(which << 32)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    h ^= h >> np.uint64(31)
    return h >> np.uint64(40)


def numbers(which, count):
    """In −1 … 1, multiples of 2^−23."""
    return (hashes(which, count).astype(np.float32) - np.float32(2**23)) / np.float32(2**23)


def dequantised(kind, count):
    """Weights as Q8_0 and Q4_1 hold them, scales from 1 to 2 times a power of two; every value is exact in float32."""
    q = hashes(2, count).reshape(-1, 32).astype(np.int64)
    scale = 1 + (hashes(3, count // 32).astype(np.int64)[:, None] & 1023) / 1024
    if kind == "q8_0":
        return (((q & 255) - 128) * scale / 128).astype(np.float32).reshape(-1)
    return (((q & 15) * scale - 8 * (3 - scale)) / 8).astype(np.float32).reshape(-1)


def error(kind, length, rows):
    quantised = isinstance(kind, str)
    dtype = torch.float32 if quantised else kind
    x = torch.from_numpy(numbers(1, rows * length).reshape(rows, length)).to(dtype)
    weights = dequantised(kind, OUTPUTS * length) if quantised else numbers(2, OUTPUTS * length)
    w = torch.from_numpy(weights.reshape(OUTPUTS, length)).to(dtype)
    exact = x.double() @ w.double().T
    return ((torch.nn.functional.linear(x, w).double() - exact).square().mean() / exact.square().mean()).sqrt().item()


def main():
    torch.set_num_threads(1)
    print("dtype,inputs,rows,error")
    for kind in (torch.float32, torch.bfloat16, "q8_0", "q4_1"):
        for length in (576, 768, 1536, 3072, 8192):
            for rows in (1, 16):
                print(f"{str(kind).removeprefix('torch.')},{length},{rows},{error(kind, length, rows):.15g}")


if __name__ == "__main__":
    main()
