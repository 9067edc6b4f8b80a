// One generic call over LibTorch's dispatcher: arguments are converted by the operator's own schema.
#include "support.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/jit_type.h>
#include <ATen/ScalarOps.h>
#include <ATen/ops/full.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

namespace gandl {
namespace {

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 5)
template <class T>
using Optional = std::optional<T>;
#else
template <class T>
using Optional = c10::optional<T>;
#endif
using c10::IValue;
using c10::TypeKind;

struct Operator {
  c10::OperatorHandle handle;
  const std::vector<c10::Argument>& arguments;
};

/** Looks an operator up once; later calls pay one hash of `name + overload`. */
const Operator& findOperator(const std::string& name, const std::string& overload) {
  // One table for each thread: a worker with its own copy of the addon must not race with the main thread.
  thread_local std::unordered_map<std::string, Operator> known;
  thread_local std::string key;
  key.assign(name).append(1, '.').append(overload);
  auto found = known.find(key);
  if (found == known.end()) {
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle) throw std::invalid_argument("LibTorch " TORCH_VERSION " has no such operator");
    found = known.emplace(key, Operator{*handle, handle->schema().arguments()}).first;
  }
  return found->second;
}

bool isMissing(napi_env env, napi_value value) {
  const auto type = typeOf(env, value);
  return type == napi_undefined || type == napi_null;
}

/** Enumerations travel as names and reach the operator as integers. */
int64_t enumOf(const std::string& name) {
  static const std::unordered_map<std::string, int64_t> names = {
      {"contiguous", static_cast<int64_t>(at::MemoryFormat::Contiguous)},
      {"preserve", static_cast<int64_t>(at::MemoryFormat::Preserve)},
      {"channels_last", static_cast<int64_t>(at::MemoryFormat::ChannelsLast)},
      {"strided", static_cast<int64_t>(at::Layout::Strided)},
  };
  auto found = names.find(name);
  return found != names.end() ? found->second : static_cast<int64_t>(scalarTypeOf(name));
}

at::Scalar scalarOf(napi_env env, napi_value value) {
  if (typeOf(env, value) == napi_boolean) return boolOf(env, value, "it");
  if (typeOf(env, value) == napi_bigint) return intOf(env, value, "scalar");
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) throw std::invalid_argument("is not a number");
  // A whole number stays whole, so that integer tensors keep their dtype; float tensors take either.
  const bool whole = number == std::floor(number) && std::abs(number) <= 9007199254740992.0;
  return whole ? at::Scalar(static_cast<int64_t>(number)) : at::Scalar(number);
}

double doubleOf(napi_env env, napi_value value) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) throw std::invalid_argument("is not a number");
  return number;
}

/**
 * A number as the other operand of arithmetic, which does not widen the dtype of the first. The operators for a `Scalar` make such
 * a tensor at every call, of double precision, and go through the dispatcher a second time to turn it into the first one's dtype.
 */
at::Tensor operandOf(napi_env env, napi_value value, const at::Tensor& first) {
  constexpr size_t kKnown = 64;
  thread_local std::unordered_map<double, at::Tensor> known;  // of single precision: what training is made of
  const bool single = first.scalar_type() == at::kFloat;
  const double number = doubleOf(env, value);
  const bool keep = single && number != 0;  // +0 and -0 are one key
  if (keep) {
    const auto found = known.find(number);
    if (found != known.end()) return found->second;
  }
  auto tensor = single ? at::full({}, number, at::TensorOptions().dtype(at::kFloat)) : c10::scalar_to_tensor(scalarOf(env, value));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  if (known.size() >= kKnown) known.clear();
  if (keep) known.emplace(number, tensor);
  return tensor;
}

int64_t wholeOf(napi_env env, napi_value value) {
  return typeOf(env, value) == napi_string ? enumOf(stringOf(env, value)) : intOf(env, value, "it");
}

bool isOptional(const c10::TypePtr& type) { return type->kind() == TypeKind::OptionalType; }

IValue listFrom(napi_env env, napi_value value, const c10::TypePtr& element, Optional<int32_t> fixedLength) {
  bool isArray = false;
  GANDL_NAPI(napi_is_array(env, value, &isArray));
  std::vector<napi_value> items;
  if (isArray) items = arrayOf(env, value, "it");
  else if (fixedLength) items.assign(static_cast<size_t>(*fixedLength), value);  // int[2] stride=1 means [1, 1]
  else throw std::invalid_argument("is not an array");
  switch (element->kind()) {
    case TypeKind::TensorType: {
      c10::List<at::Tensor> list;
      list.reserve(items.size());
      for (auto item : items) list.push_back(tensorOf(env, item, "an item of it"));
      return list;
    }
    case TypeKind::OptionalType: {
      c10::List<Optional<at::Tensor>> list;
      for (auto item : items) list.push_back(isMissing(env, item) ? Optional<at::Tensor>() : tensorOf(env, item, "an item of it"));
      return list;
    }
    case TypeKind::FloatType: {
      c10::List<double> list;
      for (auto item : items) list.push_back(doubleOf(env, item));
      return list;
    }
    case TypeKind::BoolType: {
      c10::List<bool> list;
      for (auto item : items) list.push_back(boolOf(env, item, "an item of it"));
      return list;
    }
    case TypeKind::NumberType: {
      c10::List<at::Scalar> list;
      for (auto item : items) list.push_back(scalarOf(env, item));
      return list;
    }
    default: {  // int and, in LibTorch 2, SymInt, which takes a list of ints
      c10::List<int64_t> list;
      list.reserve(items.size());
      for (auto item : items) list.push_back(wholeOf(env, item));
      return list;
    }
  }
}

IValue valueFrom(napi_env env, napi_value value, const c10::TypePtr& type, Optional<int32_t> fixedLength) {
  switch (type->kind()) {
    case TypeKind::OptionalType:
      if (isMissing(env, value)) return IValue();
      return valueFrom(env, value, type->castRaw<c10::OptionalType>()->getElementType(), fixedLength);
    case TypeKind::TensorType: return tensorOf(env, value, "it");
    case TypeKind::ListType: return listFrom(env, value, type->castRaw<c10::ListType>()->getElementType(), fixedLength);
    case TypeKind::FloatType: return doubleOf(env, value);
    case TypeKind::BoolType: return boolOf(env, value, "it");
    case TypeKind::NumberType: return scalarOf(env, value);
    case TypeKind::StringType: return stringOf(env, value);
    case TypeKind::DeviceObjType: return c10::Device(stringOf(env, value));
    case TypeKind::GeneratorType: {
      auto* handle = generatorHandleOf(env, value);
      if (handle == nullptr) throw std::invalid_argument("is not a random generator");
      if (!handle->generator.defined()) throw std::invalid_argument("is a random generator that was disposed of");
      return handle->generator;
    }
    default: return wholeOf(env, value);  // int, SymInt, dtype, layout, memory format
  }
}

/** A list of a thousand parameters would drown the message. */
constexpr size_t kDescribedItems = 16;

/** "aten::conv2d(float32[1, 2, 3], …)", for error messages. */
std::string describeCall(napi_env env, const std::string& name, const std::string& overload, const std::vector<napi_value>& args) {
  std::string text = name + (overload.empty() ? "" : "." + overload) + "(";
  for (size_t i = 0; i < args.size(); i++) {
    bool isArray = false;
    napi_is_array(env, args[i], &isArray);
    if (i > 0) text += ", ";
    if (!isArray) {
      text += describe(env, args[i]);
      continue;
    }
    text += "[";
    const auto items = arrayOf(env, args[i], "it");
    for (size_t j = 0; j < std::min(items.size(), kDescribedItems); j++) text += (j > 0 ? ", " : "") + describe(env, items[j]);
    text += items.size() > kDescribedItems ? ", …]" : "]";
  }
  return text + ")";
}

napi_value resultOf(napi_env env, const IValue& value, napi_value spare = nullptr) {
  if (value.isTensor()) return wrapTensor(env, value.toTensor(), Memory::owned, spare);
  if (value.isInt()) return toJs(env, value.toInt());
  if (value.isBool()) return toJs(env, value.toBool());
  napi_value result;
  if (value.isDouble()) {
    GANDL_NAPI(napi_create_double(env, value.toDouble(), &result));
    return result;
  }
  if (value.isTensorList()) {
    const auto list = value.toTensorVector();
    GANDL_NAPI(napi_create_array_with_length(env, list.size(), &result));
    for (size_t i = 0; i < list.size(); i++) GANDL_NAPI(napi_set_element(env, result, i, wrapTensor(env, list[i])));
    return result;
  }
  if (value.isNone()) {
    GANDL_NAPI(napi_get_null(env, &result));
    return result;
  }
  throw std::runtime_error("gives back a " + value.tagKind() + ", which has no JavaScript form");
}

bool isOperand(const c10::Argument& argument, const std::vector<IValue>& before) {
  return argument.type()->kind() == TypeKind::TensorType && argument.name() == "other" && before.size() == 1 && before[0].isTensor();
}

void pushArguments(napi_env env, const std::vector<c10::Argument>& expected, const std::vector<napi_value>& args, std::vector<IValue>& stack) {
  if (args.size() > expected.size()) throw std::invalid_argument("takes at most " + std::to_string(expected.size()) + " arguments");
  stack.reserve(expected.size());
  for (size_t i = 0; i < expected.size(); i++) {
    const auto& argument = expected[i];
    const auto given = i < args.size() ? typeOf(env, args[i]) : napi_undefined;
    try {
      if (given == napi_number && isOperand(argument, stack)) stack.push_back(operandOf(env, args[i], stack[0].toTensor()));
      else if (given != napi_undefined) stack.push_back(valueFrom(env, args[i], argument.type(), argument.N()));
      else if (argument.default_value()) stack.push_back(*argument.default_value());
      else if (isOptional(argument.type())) stack.emplace_back();
      else throw std::invalid_argument("is missing");
    } catch (const std::exception& error) {
      throw std::invalid_argument("argument " + std::to_string(i + 1) + " (" + argument.name() + "): " + error.what());
    }
  }
}

/**
 * call(name, overload, args, discard, spare): runs the operator; with `discard` its results get no handles (in-place operators).
 * `spare` is the handle of a tensor disposed of, for the one result.
 */
napi_value call(napi_env env, const Arguments& in) {
  const std::string name = stringOf(env, in.values[0]);
  const std::string overload = stringOf(env, in.values[1]);
  const auto args = arrayOf(env, in.values[2], "the list of arguments");
  const bool discard = in.count > 3 && typeOf(env, in.values[3]) == napi_boolean && boolOf(env, in.values[3], "discard");
  try {
    const auto& op = findOperator(name, overload);
    std::vector<IValue> stack;
    pushArguments(env, op.arguments, args, stack);
    op.handle.callBoxed(&stack);
    if (discard || stack.empty()) return undefinedOf(env);
    if (stack.size() == 1) return resultOf(env, stack[0], in.count > 4 && typeOf(env, in.values[4]) == napi_external ? in.values[4] : nullptr);
    napi_value results;
    GANDL_NAPI(napi_create_array_with_length(env, stack.size(), &results));
    for (size_t i = 0; i < stack.size(); i++) GANDL_NAPI(napi_set_element(env, results, i, resultOf(env, stack[i])));
    return results;
  } catch (const c10::Error& error) {
    throw std::runtime_error(describeCall(env, name, overload, args) + ": " + error.what_without_backtrace());
  } catch (const std::exception& error) {
    throw std::runtime_error(describeCall(env, name, overload, args) + ": " + error.what());
  }
}

}  // namespace

const std::vector<Export>& callExports() {
  static const std::vector<Export> exports = {{"call", entry<call>}};
  return exports;
}

}  // namespace gandl
