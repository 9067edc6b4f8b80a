// LibTorch's convolutions are oneDNN's, which chooses among dozens of kernels by processor, shape, order in memory and threads. Some of
// its releases have some that are wrong: oneDNN 3.7 of Debian 13 was off by a fifth of the values for eight channels on one processor, and right for
// sixty-four. So a shape is computed twice when it is met first, on numbers of our own, and by products of matrices ever after where the two differ.
#pragma once

#include "kernels.h"

#include <array>
#include <string>
#include <vector>

namespace gandl::kernels {

/** Which of the three bilinear passes of a convolution; each takes two tensors. */
enum class Pass : int64_t { forward, input, weight };

using Convolution = at::Tensor (*)(const at::Tensor& a, const at::Tensor& b, int64_t side, int64_t stride);

/** The same pass by LibTorch and by products. */
struct Ways {
  Convolution library, products;
};

/** `ways.library(a, b)` where it is right for the shapes and the number of threads, else `ways.products(a, b)`. */
at::Tensor trusted(Pass pass, const Ways& ways, const at::Tensor& a, const at::Tensor& b, int64_t side, int64_t stride);

/** The shapes met so far on which LibTorch was wrong, in words; empty where it was right on all of them. */
std::vector<std::string> distrusted();
/** From now on (`on`) LibTorch's answers are spoiled, so that a test sees them refused; all that is known of shapes is forgotten. */
void spoilLibrary(bool on);

}  // namespace gandl::kernels
