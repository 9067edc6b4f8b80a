// What every file of the addon shares: the tensor handle, N-API calls that throw, and exceptions turned into one JavaScript error.
#pragma once

#define NAPI_VERSION 8
#include <node_api.h>

// Not ATen/ATen.h: every operator's header would double the time a user waits for the addon to compile.
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace gandl {

/** Throws when an N-API call fails; the message names the call. */
void check(napi_status status, const char* what);
#define GANDL_NAPI(call) ::gandl::check((call), #call)

/** What JavaScript holds for one at::Tensor. `kMagic` tells it from any other external. */
struct TensorHandle {
  static constexpr uint32_t kMagic = 0x6744544e;
  uint32_t magic = kMagic;
  at::Tensor tensor;       // undefined after dispose
  int64_t reportedBytes;   // what V8 was told this handle keeps alive
};

/** What JavaScript holds for one random generator. */
struct GeneratorHandle {
  static constexpr uint32_t kMagic = 0x6744474e;
  uint32_t magic = kMagic;
  at::Generator generator;  // undefined after dispose
};

/** Counts over the process: what is alive, and what was left to the garbage collector. */
struct Counters {
  std::atomic<int64_t> live{0};
  std::atomic<int64_t> bytes{0};
  std::atomic<int64_t> collected{0};
};
extern Counters counters;

/** Who pays for a tensor's memory: LibTorch's heap, or a JavaScript buffer or mapped file that must not be counted again. */
enum class Memory { owned, borrowed };
/** `spare`, the handle of a tensor that was disposed of, is filled anew: making a handle and collecting it costs more than a small operator. */
napi_value wrapTensor(napi_env env, at::Tensor tensor, Memory memory = Memory::owned, napi_value spare = nullptr);
/** The tensor behind `value`; throws, naming `what`, when it is something else or was disposed of. */
at::Tensor& tensorOf(napi_env env, napi_value value, const char* what);
/** The handle behind `value`, or null when `value` is no tensor. */
TensorHandle* tensorHandleOf(napi_env env, napi_value value);
GeneratorHandle* generatorHandleOf(napi_env env, napi_value value);
/** "float32[2, 3]", "disposed tensor" or the value as text, for error messages. */
std::string describe(napi_env env, napi_value value);

napi_valuetype typeOf(napi_env env, napi_value value);
std::string stringOf(napi_env env, napi_value value);
int64_t intOf(napi_env env, napi_value value, const char* what);
bool boolOf(napi_env env, napi_value value, const char* what);
std::vector<napi_value> arrayOf(napi_env env, napi_value value, const char* what);
std::vector<int64_t> intsOf(napi_env env, napi_value value, const char* what);
napi_value toJs(napi_env env, const std::string& text);
napi_value toJs(napi_env env, int64_t number);
napi_value toJs(napi_env env, bool flag);
napi_value undefinedOf(napi_env env);
void setProperty(napi_env env, napi_value object, const char* name, napi_value value);

at::ScalarType scalarTypeOf(const std::string& name);
const char* nameOf(at::ScalarType type);

/** The arguments of one call from JavaScript. */
struct Arguments {
  static constexpr size_t kMax = 8;
  napi_value values[kMax];
  size_t count = kMax;
};
using Function = napi_value (*)(napi_env, const Arguments&);

/** Runs `function`; whatever it throws becomes one pending JavaScript error, so nothing aborts the process. */
napi_value guarded(napi_env env, napi_callback_info info, Function function);
template <Function function>
napi_value entry(napi_env env, napi_callback_info info) {
  return guarded(env, info, function);
}

struct Export {
  const char* name;
  napi_callback callback;
};
napi_callback disposeCallback();
const std::vector<Export>& callExports();
const std::vector<Export>& autogradExports();
const std::vector<Export>& memoryExports();
const std::vector<Export>& systemExports();
const std::vector<Export>& scriptExports();

/** Lets go of buffers that LibTorch released since, perhaps on other threads; called on the thread of `env`. */
void releaseParkedBuffers(napi_env env);
/** Drops the references of an environment that is going away with everything it holds. */
void forgetParkedBuffers(void* env);

}  // namespace gandl
