#!/usr/bin/env python3
"""Records how far PyTorch's matrix products are from exact ones: tests/golden/matrix_errors.csv.

    record_matrix_errors.py > tests/golden/matrix_errors.csv          needs torch 2.15.0

For inputs in float32 and bfloat16, lengths of the sum as models have them and 1 or 16 rows:  y = x·Wᵀ  by torch (one
thread), and the root of the mean of (y − y₆₄)², divided by that of y₆₄², where y₆₄ is computed in float64. The numbers
are a pure function of their place, so that a test in another language has exactly the same.
"""

import numpy as np
import torch

OUTPUTS = 256


def numbers(which, count):
    """In −1 … 1: 23 bits of a hash of the place. `which` keeps rows and weights apart."""
    h = np.arange(count, dtype=np.uint64) + np.uint64(which << 32)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    h ^= h >> np.uint64(31)
    return ((h >> np.uint64(40)).astype(np.float32) - np.float32(2**23)) / np.float32(2**23)


def error(dtype, length, rows):
    x = torch.from_numpy(numbers(1, rows * length).reshape(rows, length)).to(dtype)
    w = torch.from_numpy(numbers(2, OUTPUTS * length).reshape(OUTPUTS, length)).to(dtype)
    exact = x.double() @ w.double().T
    return ((torch.nn.functional.linear(x, w).double() - exact).square().mean() / exact.square().mean()).sqrt().item()


def main():
    torch.set_num_threads(1)
    print("dtype,inputs,rows,error")
    for dtype in (torch.float32, torch.bfloat16):
        for length in (576, 768, 1536, 3072, 8192):
            for rows in (1, 16):
                print(f"{str(dtype).removeprefix('torch.')},{length},{rows},{error(dtype, length, rows):.15g}")


if __name__ == "__main__":
    main()
