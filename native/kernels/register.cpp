// The kernels as LibTorch operators named gandl::…, with gradients of any order: every derivative is written in operators that have
// derivatives themselves.
#include "kernels.h"

#include <ATen/ops/leaky_relu_backward.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sum.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace gandl::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;
using Linear = at::Tensor (*)(const at::Tensor&, double);

/** A linear map and its adjoint, which is its derivative's transpose. */
template <Linear forwardMap, Linear adjointMap>
struct LinearMap : Function<LinearMap<forwardMap, adjointMap>> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, double gain) {
    context->saved_data["gain"] = gain;
    return forwardMap(x, gain);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    return {LinearMap<adjointMap, forwardMap>::apply(gradients[0], context->saved_data["gain"].toDouble()), {}};
  }
};

struct Convolve : Function<Convolve> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight, int64_t stride);
  static variable_list backward(AutogradContext* context, variable_list gradients);
};
struct ConvolveInput : Function<ConvolveInput> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gradient, const at::Tensor& weight, int64_t stride);
  static variable_list backward(AutogradContext* context, variable_list gradients);
};
struct ConvolveWeight : Function<ConvolveWeight> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& gradient, int64_t side, int64_t stride);
  static variable_list backward(AutogradContext* context, variable_list gradients);
};

int64_t strideOf(AutogradContext* context) { return context->saved_data["stride"].toInt(); }

at::Tensor Convolve::forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight, int64_t stride) {
  context->save_for_backward({x, weight});
  context->saved_data["stride"] = stride;
  return convolve(x, weight, stride);
}
variable_list Convolve::backward(AutogradContext* context, variable_list gradients) {
  const auto saved = context->get_saved_variables();
  const int64_t stride = strideOf(context);
  return {context->needs_input_grad(0) ? ConvolveInput::apply(gradients[0], saved[1], stride) : at::Tensor(),
          context->needs_input_grad(1) ? ConvolveWeight::apply(saved[0], gradients[0], saved[1].size(2), stride) : at::Tensor(), at::Tensor()};
}

at::Tensor ConvolveInput::forward(AutogradContext* context, const at::Tensor& gradient, const at::Tensor& weight, int64_t stride) {
  context->save_for_backward({gradient, weight});
  context->saved_data["stride"] = stride;
  return convolveInput(gradient, weight, stride);
}
variable_list ConvolveInput::backward(AutogradContext* context, variable_list gradients) {
  const auto saved = context->get_saved_variables();
  const int64_t stride = strideOf(context);
  return {context->needs_input_grad(0) ? Convolve::apply(gradients[0], saved[1], stride) : at::Tensor(),
          context->needs_input_grad(1) ? ConvolveWeight::apply(gradients[0], saved[0], saved[1].size(2), stride) : at::Tensor(), at::Tensor()};
}

at::Tensor ConvolveWeight::forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& gradient, int64_t side, int64_t stride) {
  context->save_for_backward({x, gradient});
  context->saved_data["stride"] = stride;
  return convolveWeight(x, gradient, side, stride);
}
variable_list ConvolveWeight::backward(AutogradContext* context, variable_list gradients) {
  const auto saved = context->get_saved_variables();
  const int64_t stride = strideOf(context);
  return {context->needs_input_grad(0) ? ConvolveInput::apply(saved[1], gradients[0], stride) : at::Tensor(),
          context->needs_input_grad(1) ? Convolve::apply(saved[0], gradients[0], stride) : at::Tensor(), at::Tensor(), at::Tensor()};
}

struct DotPixels : Function<DotPixels> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& b) {
    context->save_for_backward({a, b});
    return dotPixels(a, b);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients);
};
struct ScaleChannels : Function<ScaleChannels> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& scale) {
    context->save_for_backward({x, scale});
    return scaleChannels(x, scale);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    return {context->needs_input_grad(0) ? ScaleChannels::apply(gradients[0], saved[1]) : at::Tensor(),
            context->needs_input_grad(1) ? DotPixels::apply(gradients[0], saved[0]) : at::Tensor()};
  }
};
variable_list DotPixels::backward(AutogradContext* context, variable_list gradients) {
  const auto saved = context->get_saved_variables();
  return {context->needs_input_grad(0) ? ScaleChannels::apply(saved[1], gradients[0]) : at::Tensor(),
          context->needs_input_grad(1) ? ScaleChannels::apply(saved[0], gradients[0]) : at::Tensor()};
}

/** An input that may be left out, as a tensor that may be undefined. */
at::Tensor orUndefined(const OptionalTensor& value) { return value ? *value : at::Tensor(); }

struct Activate : Function<Activate> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const OptionalTensor& demodulation, const OptionalTensor& noise,
                            const OptionalTensor& strength, const at::Tensor& bias, double slope) {
    const Activation with{orUndefined(demodulation), orUndefined(noise), orUndefined(strength), bias, slope};
    auto y = activate(x, with);
    context->save_for_backward({with.demodulation.defined() ? x : at::Tensor(), with.demodulation, with.noise, with.strength, bias, y});
    context->saved_data["slope"] = slope;
    return y;
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Activation with{saved[1], saved[2], saved[3], saved[4], context->saved_data["slope"].toDouble()};
    if (c10::GradMode::is_enabled()) return differentiable(context, gradients[0], saved[0], saved[5], with);
    auto found = activateBackward(gradients[0], saved[5], saved[0], with);
    return {found.input, with.demodulation.defined() ? found.demodulation : at::Tensor(), {}, found.strength, found.bias, {}};
  }

 private:
  /** The same gradients in operators that can be differentiated again, and none that nobody asked for. */
  static variable_list differentiable(AutogradContext* context, const at::Tensor& dy, const at::Tensor& x, const at::Tensor& y, const Activation& with) {
    const bool scaled = with.demodulation.defined();
    const bool noisy = with.strength.defined();
    const auto g = at::leaky_relu_backward(dy, y.detach(), with.slope, true);
    // The graph has an edge for each input that is there, in order: x, demodulation, noise, strength, bias.
    const size_t strengthEdge = scaled ? 3 : 2;
    const size_t biasEdge = 1 + (scaled ? 1 : 0) + (noisy ? 2 : 0);
    variable_list out(6);
    if (context->needs_input_grad(0)) out[0] = scaled ? ScaleChannels::apply(g, with.demodulation) : g;
    if (scaled && context->needs_input_grad(1)) out[1] = DotPixels::apply(g, x);
    if (noisy && context->needs_input_grad(strengthEdge)) out[3] = g.mul(with.noise).sum();
    if (context->needs_input_grad(biasEdge)) out[4] = g.sum(at::IntArrayRef({0, 2, 3}), false, with.bias.scalar_type());
    return out;
  }
};

at::Tensor activateOp(const at::Tensor& x, const OptionalTensor& demodulation, const OptionalTensor& noise, const OptionalTensor& strength,
                      const at::Tensor& bias, double slope) {
  TORCH_CHECK(noise.has_value() == strength.has_value(), "the activation: noise and its strength come together or not at all");
  const auto dense = [](const OptionalTensor& value) { return value ? OptionalTensor(value->contiguous()) : OptionalTensor(); };
  // Put in order out here, where the graph sees it: gradients by the demodulation depend on x again.
  return Activate::apply(channelsLast(x), dense(demodulation), dense(noise), dense(strength), bias.contiguous(), slope);
}

}  // namespace

TORCH_LIBRARY(gandl, library) {
  // In place and without gradients: for what happens to parameters between steps.
  library.def(
      "adam_each(Tensor(a!)[] parameters, Tensor[] gradients, Tensor(b!)[] first, Tensor(c!)[] second, float beta1, float beta2, float step_size, float second_scale, "
      "float epsilon) -> ()",
      [](at::TensorList parameters, at::TensorList gradients, at::TensorList first, at::TensorList second, double beta1, double beta2, double stepSize, double secondScale,
         double epsilon) { adamEach(parameters, gradients, first, second, {beta1, beta2, stepSize, secondScale, epsilon}); });
  library.def("lerp_each(Tensor(a!)[] averages, Tensor[] ends, float weight) -> ()", [](at::TensorList averages, at::TensorList ends, double weight) { lerpEach(averages, ends, weight); });
  library.def("sum_each(Tensor[] tensors) -> Tensor", [](at::TensorList tensors) { return sumEach(tensors); });
  library.def("filter_down(Tensor x, float gain) -> Tensor", [](const at::Tensor& x, double gain) { return LinearMap<filterDown, filterUp>::apply(x, gain); });
  library.def("filter_up(Tensor x, float gain) -> Tensor", [](const at::Tensor& x, double gain) { return LinearMap<filterUp, filterDown>::apply(x, gain); });
  library.def("unfold_down(Tensor x, float gain) -> Tensor", [](const at::Tensor& x, double gain) { return LinearMap<unfoldDown, foldUp>::apply(x, gain); });
  library.def("fold_up(Tensor x, float gain) -> Tensor", [](const at::Tensor& x, double gain) { return LinearMap<foldUp, unfoldDown>::apply(x, gain); });
  library.def("filter_grow(Tensor x, float gain) -> Tensor", [](const at::Tensor& x, double gain) { return LinearMap<filterGrow, filterShrink>::apply(x, gain); });
  library.def("filter_shrink(Tensor x, float gain) -> Tensor", [](const at::Tensor& x, double gain) { return LinearMap<filterShrink, filterGrow>::apply(x, gain); });
  library.def("convolve(Tensor x, Tensor weight) -> Tensor", [](const at::Tensor& x, const at::Tensor& weight) { return Convolve::apply(x, weight, 1); });
  library.def("convolve_down(Tensor x, Tensor weight) -> Tensor", [](const at::Tensor& x, const at::Tensor& weight) { return Convolve::apply(x, weight, 2); });
  library.def("convolve_up(Tensor x, Tensor weight) -> Tensor",
              [](const at::Tensor& x, const at::Tensor& weight) { return ConvolveInput::apply(x, weight.transpose(0, 1), 2); });
  library.def("scale_channels(Tensor x, Tensor scale) -> Tensor", [](const at::Tensor& x, const at::Tensor& scale) { return ScaleChannels::apply(x, scale); });
  library.def("dot_pixels(Tensor a, Tensor b) -> Tensor", [](const at::Tensor& a, const at::Tensor& b) { return DotPixels::apply(a, b); });
  library.def("activate(Tensor x, Tensor? demodulation, Tensor? noise, Tensor? strength, Tensor bias, float slope) -> Tensor", &activateOp);
}

}  // namespace gandl::kernels
