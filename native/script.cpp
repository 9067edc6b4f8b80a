// TorchScript files as plain functions: one tensor in, one tensor out, nothing trained. For feature networks that a user brings.
#include "support.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <memory>

namespace gandl {
namespace {

/** What JavaScript holds for one loaded file. */
struct ScriptHandle {
  static constexpr uint32_t kMagic = 0x67445453;
  uint32_t magic = kMagic;
  std::unique_ptr<torch::jit::Module> module;  // null after dispose
};

ScriptHandle& handleOf(napi_env env, napi_value value) {
  void* data = nullptr;
  if (typeOf(env, value) == napi_external) GANDL_NAPI(napi_get_value_external(env, value, &data));
  auto* handle = static_cast<ScriptHandle*>(data);
  if (handle == nullptr || handle->magic != ScriptHandle::kMagic) throw std::invalid_argument("this is not a TorchScript module");
  return *handle;
}

torch::jit::Module& moduleOf(napi_env env, napi_value value) {
  auto& handle = handleOf(env, value);
  if (!handle.module) throw std::invalid_argument("the TorchScript module was disposed of before this use");
  return *handle.module;
}

/** loadScript(path, device): evaluation mode, so that nothing in it depends on the rest of a batch. */
napi_value loadScript(napi_env env, const Arguments& args) {
  auto module = torch::jit::load(stringOf(env, args.values[0]), c10::Device(stringOf(env, args.values[1])));
  module.eval();
  auto* handle = new ScriptHandle{ScriptHandle::kMagic, std::make_unique<torch::jit::Module>(std::move(module))};
  napi_value value;
  const auto free = [](napi_env, void* data, void*) { delete static_cast<ScriptHandle*>(data); };
  if (napi_create_external(env, handle, free, nullptr, &value) != napi_ok) {
    delete handle;
    throw std::runtime_error("N-API: a TorchScript handle could not be made");
  }
  return value;
}

/** scriptArguments(module) → the names that its forward takes, without self. */
napi_value scriptArguments(napi_env env, const Arguments& args) {
  const auto& arguments = moduleOf(env, args.values[0]).get_method("forward").function().getSchema().arguments();
  napi_value names;
  GANDL_NAPI(napi_create_array(env, &names));
  for (size_t i = 1; i < arguments.size(); i++) GANDL_NAPI(napi_set_element(env, names, i - 1, toJs(env, arguments[i].name())));
  return names;
}

/** runScript(module, tensor, flags): forward(tensor) with the named arguments set to true; without gradients. */
napi_value runScript(napi_env env, const Arguments& args) {
  const at::NoGradGuard noGrad;
  torch::jit::Kwargs flags;
  for (const auto& name : arrayOf(env, args.values[2], "the flags")) flags.emplace(stringOf(env, name), true);
  const auto result = moduleOf(env, args.values[0]).get_method("forward")({tensorOf(env, args.values[1], "the input")}, flags);
  if (!result.isTensor()) throw std::runtime_error("forward gave back " + result.tagKind() + ", not one tensor");
  return wrapTensor(env, result.toTensor());
}

napi_value disposeScript(napi_env env, const Arguments& args) {
  handleOf(env, args.values[0]).module.reset();
  return undefinedOf(env);
}

}  // namespace

const std::vector<Export>& scriptExports() {
  static const std::vector<Export> exports = {
      {"loadScript", entry<loadScript>},
      {"scriptArguments", entry<scriptArguments>},
      {"runScript", entry<runScript>},
      {"disposeScript", entry<disposeScript>},
  };
  return exports;
}

}  // namespace gandl
