// Convolution as products of plain matrices. It asks nothing of a library but a matrix product of matrices in row-major order, and is what
// oneDNN's convolutions are held to (trust.h), and replaced by where they are wrong. Image by image, so that memory does not grow with the batch.
#include "kernels.h"

#include <ATen/ops/col2im.h>
#include <ATen/ops/im2col.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

namespace gandl::kernels::by_products {
namespace {

/** How a kernel goes over a map. */
struct Steps {
  int64_t side, stride, border;
};
Steps stepsOf(int64_t side, int64_t stride) { return {side, stride, borderOf(side, stride)}; }

/** What the kernel reads at each place of image `i` of `x`: `[c·side²,places]`. */
at::Tensor columnsOf(const at::Tensor& x, int64_t i, Steps steps) {
  const auto image = x.select(0, i).contiguous();
  if (steps.side == 1 && steps.stride == 1) return image.view({image.size(0), -1});
  return at::im2col(image.unsqueeze(0), {steps.side, steps.side}, {1, 1}, {steps.border, steps.border}, {steps.stride, steps.stride}).squeeze(0);
}

/** `[o,c·side²]`. */
at::Tensor rowsOf(const at::Tensor& weight) { return weight.contiguous().view({weight.size(0), -1}); }

}  // namespace

at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, int64_t side, int64_t stride) {
  const Steps steps = stepsOf(side, stride);
  const auto after = [&](int64_t length) { return (length + 2 * steps.border - steps.side) / stride + 1; };
  const Sides to{x.size(0), weight.size(0), after(x.size(2)), after(x.size(3))};
  const auto rows = rowsOf(weight);
  auto out = emptyMaps(to, x);
  for (int64_t i = 0; i < to.n; i++) out.select(0, i).copy_(at::mm(rows, columnsOf(x, i, steps)).view({to.c, to.h, to.w}));
  return out;
}

at::Tensor convolveInput(const at::Tensor& gradient, const at::Tensor& weight, int64_t side, int64_t stride) {
  const Steps steps = stepsOf(side, stride);
  const Sides to{gradient.size(0), weight.size(1), lengthBefore(gradient.size(2), side, stride), lengthBefore(gradient.size(3), side, stride)};
  const auto columns = rowsOf(weight).t().contiguous();
  auto out = emptyMaps(to, gradient);
  for (int64_t i = 0; i < to.n; i++) {
    auto image = at::mm(columns, gradient.select(0, i).contiguous().view({gradient.size(1), -1}));
    if (side > 1 || stride > 1)
      image = at::col2im(image.unsqueeze(0), {to.h, to.w}, {steps.side, steps.side}, {1, 1}, {steps.border, steps.border}, {stride, stride}).squeeze(0);
    out.select(0, i).copy_(image.view({to.c, to.h, to.w}));
  }
  return out;
}

at::Tensor convolveWeight(const at::Tensor& x, const at::Tensor& gradient, int64_t side, int64_t stride) {
  const Steps steps = stepsOf(side, stride);
  auto sum = at::zeros({gradient.size(1), x.size(1) * side * side}, x.options().requires_grad(false));
  for (int64_t i = 0; i < x.size(0); i++)
    sum += at::mm(gradient.select(0, i).contiguous().view({gradient.size(1), -1}), columnsOf(x, i, steps).t().contiguous());
  return sum.view({gradient.size(1), x.size(1), side, side});
}

}  // namespace gandl::kernels::by_products
