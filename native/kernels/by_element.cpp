// LibTorch's side of elements.h: tensors to jobs, on the card that they are on, or by a loop on the CPU where a test asks for it.
#include "kernels.h"

#include "element_jobs.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/sum.h>
#include <c10/core/DeviceGuard.h>

#include <algorithm>
#include <atomic>
#include <limits>

namespace gandl::kernels {
namespace {

using elements::Form;
using elements::Number;

std::atomic<bool> loopsOnCpu{false};

/** Sums over pixels are shared out among so many elements: enough to fill the largest cards. */
constexpr int64_t kElements = 1 << 18;
/** Below this many pixels an element, its sums cost more to store than the pixels to read. */
constexpr int64_t kLeastPixels = 16;

Number numberOf(const at::Tensor& x) {
  if (x.scalar_type() == at::kBFloat16) return Number::bfloat16;
  if (x.scalar_type() == at::kFloat) return Number::float32;
  TORCH_CHECK(x.scalar_type() == at::kDouble, "our kernels work on bfloat16, float32 and float64, not on ", x.scalar_type());
  return Number::float64;
}

at::ScalarType wideOf(const at::Tensor& x) { return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat; }

/** A parameter as the kernels read it: in order, float32 beside bfloat16; undefined stays. */
at::Tensor wide(const at::Tensor& parameter, const at::Tensor& map) { return parameter.defined() ? parameter.to(wideOf(map)).contiguous() : parameter; }

/** Packs where channels and all addresses are multiples of 16 bytes, values one by one elsewhere. */
Form formOf(const at::Tensor& map, int64_t c, std::initializer_list<const void*> addresses) {
  constexpr int64_t kPackBytes = 16;
  const bool isPacked = c % (kPackBytes / static_cast<int64_t>(map.element_size())) == 0 &&
                        std::all_of(addresses.begin(), addresses.end(), [](const void* at) { return reinterpret_cast<uintptr_t>(at) % kPackBytes == 0; });
  return {numberOf(map), isPacked};
}

elements::Maps mapsOf(Sides sides) { return {sides.n, sides.h * sides.w, sides.c}; }

/** Into how many ranges of pixels a sum is cut. It does not depend on the card, so that sums do not either. */
int32_t partsOf(Sides sides) {
  const int64_t pixels = sides.h * sides.w;
  const int64_t wanted = kElements / std::max<int64_t>(1, sides.n * sides.c);
  return static_cast<int32_t>(std::clamp<int64_t>(wanted, 1, std::max<int64_t>(1, pixels / kLeastPixels)));
}

void run(const elements::Job& job, const at::Tensor& map) {
  TORCH_CHECK(map.numel() < std::numeric_limits<int32_t>::max(), "our kernels count elements in 32 bits; this map has ", map.numel());
  if (!map.is_cuda()) return elements::runOnHost(job);
#ifdef GANDL_CARD_KERNELS
  const c10::DeviceGuard guard(map.device());
  elements::runOnCard(job, elements::currentStream(map.device().index()));
#else
  TORCH_CHECK(false, "the addon was built without its CUDA kernels");
#endif
}

/** Owns what an {@link elements::ActivationInputs} points to. */
struct WideActivation {
  at::Tensor demodulation, noise, strength, bias;
  elements::ActivationInputs inputs;

  WideActivation(const at::Tensor& map, const Activation& with)
      : demodulation(wide(with.demodulation, map)), noise(wide(with.noise, map)), strength(wide(with.strength, map)), bias(wide(with.bias, map)) {
    const auto at = [](const at::Tensor& tensor) { return tensor.defined() ? tensor.data_ptr() : nullptr; };
    inputs = {at(demodulation), at(noise), noise.defined() ? noise.size(0) : 0, at(strength), at(bias), with.slope};
  }
};

}  // namespace

bool worksByElement(const at::Tensor& x) { return x.is_cuda() || (loopsOnCpu && x.is_cpu()); }

void loopOnCpu(bool on) { loopsOnCpu = on; }

bool hasCardKernels() {
#ifdef GANDL_CARD_KERNELS
  return true;
#else
  return false;
#endif
}

namespace by_element {

at::Tensor scaleChannels(const at::Tensor& input, const at::Tensor& scaleInput) {
  const auto x = channelsLast(input);
  const auto scale = wide(scaleInput, x);
  const auto sides = sidesOf(x);
  TORCH_CHECK(scale.numel() == sides.n * sides.c, "scaling channels: the scale must be [n,c]");
  auto y = emptyMaps(sides, x);
  run(elements::ScaleJob{formOf(x, sides.c, {x.data_ptr(), y.data_ptr()}), mapsOf(sides), x.data_ptr(), scale.data_ptr(), y.data_ptr()}, x);
  return y;
}

at::Tensor dotPixels(const at::Tensor& left, const at::Tensor& right) {
  const auto a = channelsLast(left);
  const auto b = channelsLast(right.to(a.scalar_type()));
  const auto sides = sidesOf(a);
  const auto parts = partsOf(sides);
  auto sums = at::empty({sides.n, parts, sides.c}, a.options().requires_grad(false).dtype(wideOf(a)));
  run(elements::DotJob{formOf(a, sides.c, {a.data_ptr(), b.data_ptr()}), mapsOf(sides), a.data_ptr(), b.data_ptr(), parts, sums.data_ptr()}, a);
  return sums.sum(1);
}

at::Tensor activate(const at::Tensor& input, const Activation& with) {
  const auto x = channelsLast(input);
  const auto sides = sidesOf(x);
  const WideActivation wideWith(x, with);
  auto y = emptyMaps(sides, x);
  run(elements::ActivateJob{formOf(x, sides.c, {x.data_ptr(), y.data_ptr()}), mapsOf(sides), x.data_ptr(), wideWith.inputs, y.data_ptr()}, x);
  return y;
}

ActivationGradients activateBackward(const at::Tensor& gradient, const at::Tensor& y, const at::Tensor& x, const Activation& with) {
  const auto dy = channelsLast(gradient);
  const auto sides = sidesOf(dy);
  const auto parts = partsOf(sides);
  const WideActivation wideWith(dy, with);
  const void* source = with.demodulation.defined() ? x.data_ptr() : nullptr;
  ActivationGradients out;
  out.input = emptyMaps(sides, dy);
  const auto sums = at::empty({3, sides.n, parts, sides.c}, dy.options().requires_grad(false).dtype(wideOf(dy)));
  const auto byScale = sums.select(0, 0), byBias = sums.select(0, 1), byStrength = sums.select(0, 2);
  run(elements::ActivateBackwardJob{formOf(dy, sides.c, {dy.data_ptr(), y.data_ptr(), source, out.input.data_ptr()}), mapsOf(sides), dy.data_ptr(), y.data_ptr(), source,
                                    wideWith.inputs, parts, out.input.data_ptr(), byScale.data_ptr(), byBias.data_ptr(), byStrength.data_ptr()},
      dy);
  if (with.demodulation.defined()) out.demodulation = byScale.sum(1);
  out.bias = byBias.sum(at::IntArrayRef({0, 1}));
  if (with.strength.defined()) out.strength = byStrength.sum();
  return out;
}

at::Tensor filter(Filter kind, const at::Tensor& input, double gain) {
  const auto x = channelsLast(input);
  const auto from = sidesOf(x);
  Sides to = from;
  elements::FilterKind element = elements::FilterKind::down;
  switch (kind) {
    case Filter::down: to.h /= 2, to.w /= 2; break;
    case Filter::up: element = elements::FilterKind::up, to.h *= 2, to.w *= 2; break;
    case Filter::grow: element = elements::FilterKind::grow, to.h++, to.w++; break;
    case Filter::shrink: element = elements::FilterKind::shrink, to.h--, to.w--; break;
  }
  auto y = emptyMaps(to, x);
  run(elements::FilterJob{formOf(x, from.c, {x.data_ptr(), y.data_ptr()}), element, from.n, from.c, {from.h, from.w}, {to.h, to.w}, gain, x.data_ptr(), y.data_ptr()},
      x.numel() > y.numel() ? x : y);
  return y;
}

}  // namespace by_element
}  // namespace gandl::kernels
