// Handles, conversions and the one place where C++ exceptions become JavaScript errors.
#include "support.h"

#include <c10/util/Exception.h>

#include <cmath>
#include <sstream>
#include <utility>

namespace gandl {

Counters counters;

void check(napi_status status, const char* what) {
  if (status != napi_ok) throw std::runtime_error(std::string("N-API: ") + what + " failed with status " + std::to_string(status));
}

namespace {

/** V8 hears of memory in pieces of this size. */
constexpr int64_t kTellV8Bytes = int64_t{64} << 20;

/** What this thread's tensors hold, and what V8 was told that they hold. */
thread_local int64_t heldBytes = 0;
thread_local int64_t toldBytes = 0;

void tellV8(napi_env env) {
  int64_t total;
  napi_adjust_external_memory(env, heldBytes - toldBytes, &total);
  toldBytes = heldBytes;
}

/** V8 collects garbage after a growth it is told of. */
void hold(napi_env env, int64_t bytes) {
  heldBytes += bytes;
  if (heldBytes > toldBytes + kTellV8Bytes) tellV8(env);
}

/**
 * A tensor freed by its owner is not told: a training step would else fill and empty V8's account hundreds of times, and each
 * filling starts a collection (measured: a tenth of the machine). One freed by the collector is, so that the next leak counts anew.
 */
void letGo(napi_env env, int64_t bytes, bool byCollector) {
  heldBytes -= bytes;
  if (byCollector && heldBytes < toldBytes - kTellV8Bytes) tellV8(env);
}

int64_t ownedBytes(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.has_storage()) return 0;
  const auto& storage = tensor.storage();
  // A view shares its storage: telling V8 twice about the same bytes would make it collect in vain.
  return storage.use_count() <= 1 ? static_cast<int64_t>(storage.nbytes()) : 0;
}

/** Frees the tensor behind a handle and settles the counters; harmless when already freed. */
bool release(napi_env env, TensorHandle* handle, bool byCollector) {
  if (!handle->tensor.defined()) return false;
  handle->tensor.reset();
  counters.live--;
  counters.bytes -= handle->reportedBytes;
  letGo(env, handle->reportedBytes, byCollector);
  handle->reportedBytes = 0;
  return true;
}

void finalizeTensor(napi_env env, void* data, void*) {
  auto* handle = static_cast<TensorHandle*>(data);
  if (release(env, handle, true)) counters.collected++;
  delete handle;
}

template <class Handle>
Handle* handleOf(napi_env env, napi_value value) {
  void* data = nullptr;
  if (napi_get_value_external(env, value, &data) != napi_ok || data == nullptr) return nullptr;
  auto* handle = static_cast<Handle*>(data);
  return handle->magic == Handle::kMagic ? handle : nullptr;
}

}  // namespace

napi_value wrapTensor(napi_env env, at::Tensor tensor, Memory memory, napi_value spare) {
  napi_value value;
  if (!tensor.defined()) {
    GANDL_NAPI(napi_get_null(env, &value));
    return value;
  }
  auto* handle = spare == nullptr ? nullptr : tensorHandleOf(env, spare);
  if (handle != nullptr && !handle->tensor.defined()) {
    handle->tensor = std::move(tensor);
    value = spare;
  } else {
    handle = new TensorHandle{TensorHandle::kMagic, std::move(tensor), 0};
    if (napi_create_external(env, handle, finalizeTensor, nullptr, &value) != napi_ok) {
      delete handle;
      throw std::runtime_error("N-API: a tensor handle could not be made");
    }
  }
  handle->reportedBytes = memory == Memory::owned ? ownedBytes(handle->tensor) : 0;
  counters.live++;
  counters.bytes += handle->reportedBytes;
  hold(env, handle->reportedBytes);
  return value;
}

TensorHandle* tensorHandleOf(napi_env env, napi_value value) { return handleOf<TensorHandle>(env, value); }
GeneratorHandle* generatorHandleOf(napi_env env, napi_value value) { return handleOf<GeneratorHandle>(env, value); }

at::Tensor& tensorOf(napi_env env, napi_value value, const char* what) {
  auto* handle = tensorHandleOf(env, value);
  if (handle == nullptr) throw std::invalid_argument(std::string(what) + " is not a tensor");
  if (!handle->tensor.defined()) throw std::invalid_argument(std::string(what) + " was disposed of before this use");
  return handle->tensor;
}

napi_valuetype typeOf(napi_env env, napi_value value) {
  napi_valuetype type;
  GANDL_NAPI(napi_typeof(env, value, &type));
  return type;
}

std::string stringOf(napi_env env, napi_value value) {
  char small[128];
  size_t length = 0;
  GANDL_NAPI(napi_get_value_string_utf8(env, value, small, sizeof small, &length));
  if (length < sizeof small - 1) return std::string(small, length);
  GANDL_NAPI(napi_get_value_string_utf8(env, value, nullptr, 0, &length));
  std::string text(length, '\0');
  GANDL_NAPI(napi_get_value_string_utf8(env, value, text.data(), length + 1, &length));
  return text;
}

int64_t intOf(napi_env env, napi_value value, const char* what) {
  const auto type = typeOf(env, value);
  if (type == napi_bigint) {
    int64_t whole;
    bool lossless;
    GANDL_NAPI(napi_get_value_bigint_int64(env, value, &whole, &lossless));
    if (!lossless) throw std::invalid_argument(std::string(what) + " does not fit 64 bits");
    return whole;
  }
  double number;
  if (type != napi_number) throw std::invalid_argument(std::string(what) + " is not a number");
  GANDL_NAPI(napi_get_value_double(env, value, &number));
  if (number != std::floor(number) || std::abs(number) > 9007199254740992.0) {
    throw std::invalid_argument(std::string(what) + " is not a whole number");
  }
  return static_cast<int64_t>(number);
}

bool boolOf(napi_env env, napi_value value, const char* what) {
  bool flag = false;
  if (napi_get_value_bool(env, value, &flag) != napi_ok) throw std::invalid_argument(std::string(what) + " is not true or false");
  return flag;
}

std::vector<napi_value> arrayOf(napi_env env, napi_value value, const char* what) {
  bool isArray = false;
  GANDL_NAPI(napi_is_array(env, value, &isArray));
  if (!isArray) throw std::invalid_argument(std::string(what) + " is not an array");
  uint32_t length;
  GANDL_NAPI(napi_get_array_length(env, value, &length));
  std::vector<napi_value> items(length);
  for (uint32_t i = 0; i < length; i++) GANDL_NAPI(napi_get_element(env, value, i, &items[i]));
  return items;
}

std::vector<int64_t> intsOf(napi_env env, napi_value value, const char* what) {
  std::vector<int64_t> numbers;
  for (napi_value item : arrayOf(env, value, what)) numbers.push_back(intOf(env, item, what));
  return numbers;
}

napi_value toJs(napi_env env, const std::string& text) {
  napi_value value;
  GANDL_NAPI(napi_create_string_utf8(env, text.data(), text.size(), &value));
  return value;
}
napi_value toJs(napi_env env, int64_t number) {
  napi_value value;
  GANDL_NAPI(napi_create_int64(env, number, &value));
  return value;
}
napi_value toJs(napi_env env, bool flag) {
  napi_value value;
  GANDL_NAPI(napi_get_boolean(env, flag, &value));
  return value;
}
napi_value undefinedOf(napi_env env) {
  napi_value value;
  GANDL_NAPI(napi_get_undefined(env, &value));
  return value;
}
void setProperty(napi_env env, napi_value object, const char* name, napi_value value) {
  GANDL_NAPI(napi_set_named_property(env, object, name, value));
}

namespace {
constexpr std::pair<const char*, at::ScalarType> kTypes[] = {
    {"float32", at::kFloat}, {"float64", at::kDouble}, {"float16", at::kHalf}, {"bfloat16", at::kBFloat16}, {"uint8", at::kByte},
    {"int8", at::kChar},     {"int16", at::kShort},    {"int32", at::kInt},    {"int64", at::kLong},        {"bool", at::kBool},
};
}  // namespace

at::ScalarType scalarTypeOf(const std::string& name) {
  for (const auto& [known, type] : kTypes)
    if (name == known) return type;
  throw std::invalid_argument("there is no dtype '" + name + "'");
}

const char* nameOf(at::ScalarType type) {
  for (const auto& [name, known] : kTypes)
    if (type == known) return name;
  return "other";
}

std::string describe(napi_env env, napi_value value) {
  if (auto* handle = tensorHandleOf(env, value)) {
    if (!handle->tensor.defined()) return "disposed tensor";
    std::ostringstream text;
    text << nameOf(handle->tensor.scalar_type()) << handle->tensor.sizes();
    return text.str();
  }
  if (typeOf(env, value) == napi_external) return generatorHandleOf(env, value) ? "generator" : "external";
  napi_value text;
  if (napi_coerce_to_string(env, value, &text) == napi_ok) return stringOf(env, text);
  napi_get_and_clear_last_exception(env, &text);  // a symbol, or a toString that throws: the call's own error matters more
  return "?";
}

namespace {

void throwJs(napi_env env, const char* code, const std::string& message) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, code, message.c_str());
}

/** Disposes of a handle before the garbage collector would. */
napi_value dispose(napi_env env, const Arguments& args) {
  if (auto* handle = tensorHandleOf(env, args.values[0])) release(env, handle, false);
  else if (auto* generator = generatorHandleOf(env, args.values[0])) generator->generator = at::Generator();
  return undefinedOf(env);
}

}  // namespace

napi_value guarded(napi_env env, napi_callback_info info, Function function) {
  try {
    Arguments args;
    GANDL_NAPI(napi_get_cb_info(env, info, &args.count, args.values, nullptr, nullptr));
    return function(env, args);
  } catch (const c10::Error& error) {
    throwJs(env, "LIBTORCH", error.what_without_backtrace());
  } catch (const std::exception& error) {
    throwJs(env, "NATIVE", error.what());
  } catch (...) {
    throwJs(env, "NATIVE", "an unknown C++ exception");
  }
  return nullptr;
}

napi_callback disposeCallback() { return entry<dispose>; }

}  // namespace gandl
