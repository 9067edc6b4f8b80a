// Gradients of any order, and whether operations are recorded for them.
#include "support.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

namespace gandl {
namespace {

std::vector<at::Tensor> tensorsOf(napi_env env, napi_value value, const char* what) {
  std::vector<at::Tensor> tensors;
  for (napi_value item : arrayOf(env, value, what)) {
    const bool absent = typeOf(env, item) == napi_null || typeOf(env, item) == napi_undefined;
    tensors.push_back(absent ? at::Tensor() : tensorOf(env, item, what));
  }
  return tensors;
}

/** "grad of [float32[]] by [float32[3, 4]]", for error messages. */
std::string describeGrad(napi_env env, const Arguments& args) {
  const auto list = [env](napi_value value) {
    std::string text = "[";
    for (napi_value item : arrayOf(env, value, "it")) text += (text.size() > 1 ? ", " : "") + describe(env, item);
    return text + "]";
  };
  return "grad of " + list(args.values[0]) + " by " + list(args.values[1]);
}

/** grad(outputs, inputs, gradOutputs | null, createGraph, retainGraph, allowUnused) → a tensor or null per input. */
napi_value grad(napi_env env, const Arguments& args) try {
  const auto outputs = tensorsOf(env, args.values[0], "an output");
  const auto inputs = tensorsOf(env, args.values[1], "an input");
  std::vector<at::Tensor> gradOutputs;
  if (typeOf(env, args.values[2]) == napi_object) gradOutputs = tensorsOf(env, args.values[2], "a gradient of an output");
  const bool createGraph = boolOf(env, args.values[3], "createGraph");
  const bool retainGraph = boolOf(env, args.values[4], "retainGraph");
  const bool allowUnused = boolOf(env, args.values[5], "allowUnused");
  const auto gradients = torch::autograd::grad(outputs, inputs, gradOutputs, retainGraph, createGraph, allowUnused);
  napi_value result;
  GANDL_NAPI(napi_create_array_with_length(env, gradients.size(), &result));
  for (size_t i = 0; i < gradients.size(); i++) GANDL_NAPI(napi_set_element(env, result, i, wrapTensor(env, gradients[i])));
  return result;
} catch (const c10::Error& error) {
  throw std::runtime_error(describeGrad(env, args) + ": " + error.what_without_backtrace());
} catch (const std::exception& error) {
  throw std::runtime_error(describeGrad(env, args) + ": " + error.what());
}

napi_value setGradEnabled(napi_env env, const Arguments& args) {
  c10::GradMode::set_enabled(boolOf(env, args.values[0], "the grad mode"));
  return undefinedOf(env);
}

napi_value gradEnabled(napi_env env, const Arguments&) { return toJs(env, c10::GradMode::is_enabled()); }

napi_value setRequiresGrad(napi_env env, const Arguments& args) {
  tensorOf(env, args.values[0], "the tensor").set_requires_grad(boolOf(env, args.values[1], "requiresGrad"));
  return undefinedOf(env);
}

napi_value requiresGrad(napi_env env, const Arguments& args) {
  return toJs(env, tensorOf(env, args.values[0], "the tensor").requires_grad());
}

}  // namespace

const std::vector<Export>& autogradExports() {
  static const std::vector<Export> exports = {
      {"grad", entry<grad>},
      {"setGradEnabled", entry<setGradEnabled>},
      {"gradEnabled", entry<gradEnabled>},
      {"setRequiresGrad", entry<setRequiresGrad>},
      {"requiresGrad", entry<requiresGrad>},
  };
  return exports;
}

}  // namespace gandl
