// Convolution through oneDNN or cuDNN, as three operations that are each other's derivatives: LibTorch's own second derivative of a
// convolution goes through transposed batches, which are slow on a CPU.
#include "kernels.h"
#include "lanes.h"
#include "trust.h"

#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace gandl::kernels {
namespace {

// The weight gradient of a 3×3 convolution, oneDNN's slowest pass (measured at 64 channels, 32²: 60 GFLOP/s of a possible 150; this
// one 110). It is nine matrix products xᵀ · dy, one a tap, each over shifted pixels. A block of 4 × 16 weights is summed in registers
// over a row of pixels, of a band that stays in the first-level cache.
constexpr int64_t kInputs = 4, kOutputs = 16, kBandPixels = 128;

/** One block over rows `first` to `last` of one image, under the tap (ky, kx). */
void addBand(const float* x, const float* dy, float* weight, Sides in, int64_t o, int64_t first, int64_t last, int64_t ky, int64_t kx) {
  const int64_t top = std::max<int64_t>(first, 1 - ky), bottom = std::min<int64_t>(last, in.h + 1 - ky);
  const int64_t left = std::max<int64_t>(0, 1 - kx), right = std::min<int64_t>(in.w, in.w + 1 - kx);
  for (int64_t y = top; y < bottom; y++)
    product<kInputs, kOutputs>(x + ((y + ky - 1) * in.w + left + kx - 1) * in.c, 1, in.c, dy + (y * in.w + left) * o, o, right - left, weight, o, true);
}

/** `[3,3,c,o]`. Threads share out the weights, not the images: every sum is made in one order, however many threads there are. */
at::Tensor weightGradient3x3(const at::Tensor& x, const at::Tensor& dy) {
  const Sides in = sidesOf(x);
  const int64_t o = dy.size(1), blocks = in.c / kInputs, rows = std::max<int64_t>(1, kBandPixels / in.w);
  auto weight = at::zeros({3, 3, in.c, o}, x.options().requires_grad(false));
  const float* source = x.data_ptr<float>();
  const float* gradient = dy.data_ptr<float>();
  float* sums = weight.data_ptr<float>();
  at::parallel_for(0, 9 * blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t image = 0; image < in.n; image++)
      for (int64_t row = 0; row < in.h; row += rows)
        for (int64_t item = begin; item < end; item++)
          for (int64_t j = 0; j < o; j += kOutputs) {
            const int64_t tap = item / blocks, i = item % blocks * kInputs;
            addBand(source + image * in.h * in.w * in.c + i, gradient + image * in.h * in.w * o + j, sums + (tap * in.c + i) * o + j, in, o, row,
                    std::min(row + rows, in.h), tap / 3, tap % 3);
          }
  });
  return weight;
}

bool fitsWeightGradient(const at::Tensor& x, const at::Tensor& dy, int64_t side) {
  return x.is_cpu() && side == 3 && x.scalar_type() == at::kFloat && x.size(1) % kInputs == 0 && dy.size(1) % kOutputs == 0;
}

std::vector<int64_t> bordersOf(int64_t side, int64_t stride) { return {borderOf(side, stride), borderOf(side, stride)}; }

/** LibTorch 1.13 rounds to bfloat16 after every term on a CPU, and has not all derivatives there; a card's units add up in float32. */
bool needsFloat(const at::Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kBFloat16; }
at::Tensor inFloat(const at::Tensor& x) { return x.to(at::kFloat); }

at::Tensor forwardByLibrary(const at::Tensor& x, const at::Tensor& weight, int64_t side, int64_t stride) {
  return at::convolution(x, weight, {}, {stride, stride}, bordersOf(side, stride), {1, 1}, false, {0, 0}, 1);
}
at::Tensor inputByLibrary(const at::Tensor& gradient, const at::Tensor& weight, int64_t side, int64_t stride) {
  // Only shape and order of the input are read; memory that nobody touches costs nothing.
  const auto input = emptyMaps({gradient.size(0), weight.size(1), lengthBefore(gradient.size(2), side, stride), lengthBefore(gradient.size(3), side, stride)}, gradient);
  return std::get<0>(at::convolution_backward(gradient, input, weight, at::OptionalIntArrayRef(), {stride, stride}, bordersOf(side, stride), {1, 1}, false, {0, 0}, 1,
                                              {true, false, false}));
}
at::Tensor weightByLibrary(const at::Tensor& x, const at::Tensor& gradient, int64_t side, int64_t stride) {
  const auto weight = emptyMaps({gradient.size(1), x.size(1), side, side}, x);
  return std::get<1>(at::convolution_backward(gradient, x, weight, at::OptionalIntArrayRef(), {stride, stride}, bordersOf(side, stride), {1, 1}, false, {0, 0}, 1,
                                              {false, true, false}));
}

constexpr Ways kForward{forwardByLibrary, by_products::convolve}, kInput{inputByLibrary, by_products::convolveInput}, kWeight{weightByLibrary, by_products::convolveWeight};

}  // namespace

at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, int64_t stride) {
  if (needsFloat(x)) return convolve(inFloat(x), inFloat(weight), stride).to(at::kBFloat16);
  const int64_t side = weight.size(2);
  if (stride == 1 && fitsWinograd(x, weight.size(0), side)) return winograd(x, weight);
  return trusted(Pass::forward, kForward, channelsLast(x), channelsLast(weight), side, stride);
}

at::Tensor convolveInput(const at::Tensor& gradient, const at::Tensor& weight, int64_t stride) {
  if (needsFloat(gradient)) return convolveInput(inFloat(gradient), inFloat(weight), stride).to(at::kBFloat16);
  const int64_t side = weight.size(2);
  if (stride == 1 && fitsWinograd(gradient, weight.size(1), side)) return winogradInput(gradient, weight);
  return trusted(Pass::input, kInput, channelsLast(gradient), channelsLast(weight), side, stride);
}

at::Tensor convolveWeight(const at::Tensor& x, const at::Tensor& gradient, int64_t side, int64_t stride) {
  if (needsFloat(x)) return convolveWeight(inFloat(x), inFloat(gradient), side, stride).to(at::kBFloat16);
  if (stride == 1 && fitsWinogradWeight(x, gradient, side)) return winogradWeight(x, gradient).permute({3, 2, 0, 1});
  if (stride == 1 && fitsWeightGradient(x, gradient, side)) return weightGradient3x3(channelsLast(x), channelsLast(gradient)).permute({3, 2, 0, 1});
  return trusted(Pass::weight, kWeight, channelsLast(x), channelsLast(gradient), side, stride);
}

}  // namespace gandl::kernels
