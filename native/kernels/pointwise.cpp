// What stands between two convolutions, in one pass over memory each: styles, demodulation, noise, bias and activation, and their
// gradients. Sums over pixels are kept apart for each image and added in order, so that results do not depend on the threads.
#include "kernels.h"

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

namespace gandl::kernels {
namespace {

template <class T>
const T* dataOf(const at::Tensor& x) {
  return x.defined() ? x.data_ptr<T>() : nullptr;
}

/** The noise of one image: `[h,w]` values, the same for every image when there is one map. */
template <class T>
const T* noiseOf(const at::Tensor& noise, int64_t image, int64_t pixels) {
  if (!noise.defined()) return nullptr;
  return noise.data_ptr<T>() + (noise.size(0) == 1 ? 0 : image * pixels);
}

template <class T>
void activateImage(const T* GANDL_APART x, T* GANDL_APART y, int64_t pixels, int64_t c, const T* GANDL_APART scale, const T* noise, T strength,
                   const T* GANDL_APART bias, T slope) {
  for (int64_t p = 0; p < pixels; p++, x += c, y += c) {
    const T shift = noise ? noise[p] * strength : T(0);
    if (scale) {
      for (int64_t k = 0; k < c; k++) {
        const T v = x[k] * scale[k] + (shift + bias[k]);
        y[k] = v > 0 ? v : slope * v;
      }
    } else {
      for (int64_t k = 0; k < c; k++) {
        const T v = x[k] + (shift + bias[k]);
        y[k] = v > 0 ? v : slope * v;
      }
    }
  }
}

/** Gradients of one image; sums go to rows of length c. Null pointers are not computed. */
template <class T>
struct ImageGradients {
  T* input;
  T* scale;
  T* bias;
  T* strength;  // by channel; summed by the caller
};

template <class T>
void activateBackwardImage(const T* GANDL_APART dy, const T* GANDL_APART y, const T* GANDL_APART x, int64_t pixels, int64_t c,
                           const T* GANDL_APART scale, const T* noise, T slope, ImageGradients<T> to) {
  T* GANDL_APART dx = to.input;
  T* GANDL_APART byScale = to.scale;
  T* GANDL_APART byBias = to.bias;
  T* GANDL_APART byStrength = to.strength;
  for (int64_t p = 0; p < pixels; p++, dy += c, y += c, dx += c) {
    const T map = noise ? noise[p] : T(0);
    if (scale) {
      for (int64_t k = 0; k < c; k++) {
        const T g = y[k] > 0 ? dy[k] : slope * dy[k];
        dx[k] = g * scale[k];
        byScale[k] += g * x[k];
        byBias[k] += g;
        byStrength[k] += g * map;
      }
      x += c;
    } else {
      for (int64_t k = 0; k < c; k++) {
        const T g = y[k] > 0 ? dy[k] : slope * dy[k];
        dx[k] = g;
        byBias[k] += g;
        byStrength[k] += g * map;
      }
    }
  }
}

}  // namespace

at::Tensor scaleChannels(const at::Tensor& input, const at::Tensor& scaleInput) {
  expectMaps(input, "scaling channels");
  if (worksByElement(input)) return by_element::scaleChannels(input, scaleInput);
  const auto x = channelsLast(input);
  const auto scale = scaleInput.contiguous();
  const auto [n, c, h, w] = sidesOf(x);
  TORCH_CHECK(scale.numel() == n * c, "scaling channels: the scale must be [n,c]");
  auto out = emptyMaps({n, c, h, w}, x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "gandl_scale", [&, n = n, c = c, pixels = h * w] {
    const auto* source = x.data_ptr<scalar_t>();
    const auto* factors = scale.data_ptr<scalar_t>();
    auto* target = out.data_ptr<scalar_t>();
    overImages(n, [=](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const auto* in = source + i * pixels * c;
        const auto* GANDL_APART s = factors + i * c;
        auto* GANDL_APART to = target + i * pixels * c;
        for (int64_t p = 0; p < pixels; p++, in += c, to += c)
          for (int64_t k = 0; k < c; k++) to[k] = in[k] * s[k];
      }
    });
  });
  return out;
}

at::Tensor dotPixels(const at::Tensor& left, const at::Tensor& right) {
  expectMaps(left, "sums over pixels");
  if (worksByElement(left)) return by_element::dotPixels(left, right);
  const auto a = channelsLast(left);
  const auto b = channelsLast(right);
  const auto [n, c, h, w] = sidesOf(a);
  auto out = at::zeros({n, c}, a.options().requires_grad(false));
  AT_DISPATCH_FLOATING_TYPES(a.scalar_type(), "gandl_dot", [&, n = n, c = c, pixels = h * w] {
    const auto* first = a.data_ptr<scalar_t>();
    const auto* second = b.data_ptr<scalar_t>();
    auto* sums = out.data_ptr<scalar_t>();
    overImages(n, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const auto* u = first + i * pixels * c;
        const auto* v = second + i * pixels * c;
        auto* GANDL_APART sum = sums + i * c;
        for (int64_t p = 0; p < pixels; p++, u += c, v += c)
          for (int64_t k = 0; k < c; k++) sum[k] += u[k] * v[k];
      }
    });
  });
  return out;
}

at::Tensor activate(const at::Tensor& input, const Activation& with) {
  expectMaps(input, "the activation");
  if (worksByElement(input)) return by_element::activate(input, with);
  const auto x = channelsLast(input);
  const auto [n, c, h, w] = sidesOf(x);
  auto out = emptyMaps({n, c, h, w}, x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "gandl_activate", [&, n = n, c = c, pixels = h * w] {
    const auto* source = x.data_ptr<scalar_t>();
    auto* target = out.data_ptr<scalar_t>();
    const auto* scale = dataOf<scalar_t>(with.demodulation);
    const auto strength = with.strength.defined() ? *with.strength.data_ptr<scalar_t>() : scalar_t(0);
    const auto* bias = with.bias.data_ptr<scalar_t>();
    overImages(n, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++)
        activateImage<scalar_t>(source + i * pixels * c, target + i * pixels * c, pixels, c, scale ? scale + i * c : nullptr,
                                noiseOf<scalar_t>(with.noise, i, pixels), strength, bias, static_cast<scalar_t>(with.slope));
    });
  });
  return out;
}

ActivationGradients activateBackward(const at::Tensor& gradient, const at::Tensor& y, const at::Tensor& x, const Activation& with) {
  if (worksByElement(gradient)) return by_element::activateBackward(gradient, y, x, with);
  const auto dy = channelsLast(gradient);
  const auto [n, c, h, w] = sidesOf(dy);
  const auto plain = dy.options().requires_grad(false);
  ActivationGradients out;
  out.input = emptyMaps({n, c, h, w}, dy);
  auto sums = at::zeros({3, n, c}, plain);  // demodulation, bias, strength of each image
  AT_DISPATCH_FLOATING_TYPES(dy.scalar_type(), "gandl_activate_backward", [&, n = n, c = c, pixels = h * w] {
    const auto* scale = dataOf<scalar_t>(with.demodulation);
    const auto* source = scale ? x.data_ptr<scalar_t>() : nullptr;
    auto* sum = sums.data_ptr<scalar_t>();
    overImages(n, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const int64_t at = i * pixels * c;
        const ImageGradients<scalar_t> to{out.input.data_ptr<scalar_t>() + at, sum + i * c, sum + (n + i) * c, sum + (2 * n + i) * c};
        activateBackwardImage<scalar_t>(dy.data_ptr<scalar_t>() + at, y.data_ptr<scalar_t>() + at, source ? source + at : nullptr, pixels, c,
                                        scale ? scale + i * c : nullptr, noiseOf<scalar_t>(with.noise, i, pixels),
                                        static_cast<scalar_t>(with.slope), to);
      }
    });
  });
  out.demodulation = sums.select(0, 0);
  out.bias = sums.select(0, 1).sum(0);
  if (with.strength.defined()) out.strength = sums.select(0, 2).sum();
  return out;
}

}  // namespace gandl::kernels
