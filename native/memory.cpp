// Bytes in and out: JavaScript buffers, files mapped into memory, and what a tensor is (shape, dtype, device).
#include "support.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/Device.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <mutex>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gandl {
namespace {

struct Bytes {
  void* data;
  size_t length;
};

Bytes bytesOf(napi_env env, napi_value value) {
  bool isTyped = false;
  GANDL_NAPI(napi_is_typedarray(env, value, &isTyped));
  if (!isTyped) throw std::invalid_argument("the data is not a typed array");
  napi_typedarray_type type;
  size_t count;
  void* data;
  GANDL_NAPI(napi_get_typedarray_info(env, value, &type, &count, &data, nullptr, nullptr));
  static constexpr size_t kSizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};  // in the order of napi_typedarray_type
  if (static_cast<size_t>(type) >= std::size(kSizes)) throw std::invalid_argument("the data is a typed array of a kind not known here");
  return {data, count * kSizes[type]};
}

/** Bytes that a shape asks for; a product past 64 bits would otherwise wrap round and pass for a small tensor. */
size_t bytesFor(const std::vector<int64_t>& shape, at::ScalarType type) {
  int64_t total = static_cast<int64_t>(c10::elementSize(type));
  for (int64_t side : shape) {
    if (side < 0) throw std::invalid_argument("a side of the shape is negative");
    if (__builtin_mul_overflow(total, side, &total)) throw std::invalid_argument("the shape asks for more than 2^63 bytes");
  }
  return static_cast<size_t>(total);
}

void requireLength(size_t have, const std::vector<int64_t>& shape, at::ScalarType type) {
  const size_t want = bytesFor(shape, type);
  if (have != want) {
    throw std::invalid_argument("the data holds " + std::to_string(have) + " bytes, the shape and dtype ask for " + std::to_string(want));
  }
}

// A tensor over a JavaScript buffer may die on a LibTorch thread, where N-API must not be called: its reference is parked
// here, and its own environment lets go of it at its next call.
struct Parked {
  napi_env env;
  napi_ref reference;
};
std::mutex parkedMutex;
std::vector<Parked> parked;

/** fromBuffer(typedArray, dtype, shape, share): a copy, or with `share` a tensor over the same memory. */
napi_value fromBuffer(napi_env env, const Arguments& args) {
  releaseParkedBuffers(env);
  const Bytes bytes = bytesOf(env, args.values[0]);
  const auto type = scalarTypeOf(stringOf(env, args.values[1]));
  const auto shape = intsOf(env, args.values[2], "the shape");
  requireLength(bytes.length, shape, type);
  const auto options = at::TensorOptions().dtype(type);
  if (!boolOf(env, args.values[3], "share")) {
    auto tensor = at::empty(shape, options);
    if (bytes.length > 0) std::memcpy(tensor.data_ptr(), bytes.data, bytes.length);
    return wrapTensor(env, tensor);
  }
  Parked keepAlive{env, nullptr};
  GANDL_NAPI(napi_create_reference(env, args.values[0], 1, &keepAlive.reference));
  const auto park = [keepAlive](void*) {
    std::lock_guard<std::mutex> lock(parkedMutex);
    parked.push_back(keepAlive);
  };
  return wrapTensor(env, at::from_blob(bytes.data, shape, park, options), Memory::borrowed);
}

/** toBuffer(tensor): a new ArrayBuffer with its elements in row-major order. */
napi_value toBuffer(napi_env env, const Arguments& args) {
  const auto tensor = tensorOf(env, args.values[0], "the tensor").detach().to(at::kCPU).contiguous();
  void* data;
  napi_value buffer;
  GANDL_NAPI(napi_create_arraybuffer(env, tensor.nbytes(), &data, &buffer));
  if (tensor.nbytes() > 0) std::memcpy(data, tensor.data_ptr(), tensor.nbytes());
  return buffer;
}

/** copyInto(tensor, typedArray): writes a typed array's bytes over a contiguous CPU tensor's elements. */
napi_value copyInto(napi_env env, const Arguments& args) {
  auto& tensor = tensorOf(env, args.values[0], "the tensor");
  const Bytes bytes = bytesOf(env, args.values[1]);
  if (!tensor.device().is_cpu() || !tensor.is_contiguous()) throw std::invalid_argument("the tensor is not contiguous on the CPU");
  requireLength(bytes.length, tensor.sizes().vec(), tensor.scalar_type());
  if (bytes.length > 0) std::memcpy(tensor.data_ptr(), bytes.data, bytes.length);
  tensor.unsafeGetTensorImpl()->bump_version();  // a graph that saved the old elements must refuse to use the new ones
  return undefinedOf(env);
}

/** mapFile(path, dtype, shape, byteOffset): a tensor over a file. Writes to it stay private and never reach the file. */
napi_value mapFile(napi_env env, const Arguments& args) {
  const std::string path = stringOf(env, args.values[0]);
  const auto type = scalarTypeOf(stringOf(env, args.values[1]));
  const auto shape = intsOf(env, args.values[2], "the shape");
  const int64_t offset = intOf(env, args.values[3], "the byte offset");
  const size_t length = bytesFor(shape, type);
  if (offset < 0 || offset % static_cast<int64_t>(c10::elementSize(type)) != 0) {
    throw std::invalid_argument("the byte offset is negative or not a multiple of the element's size");
  }
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw std::runtime_error(path + ": " + std::strerror(errno));
  struct stat status {};
  const bool known = fstat(file, &status) == 0;
  const size_t have = known ? static_cast<size_t>(status.st_size) : 0;
  if (have < static_cast<size_t>(offset) || have - static_cast<size_t>(offset) < length) {
    close(file);
    throw std::invalid_argument(path + " holds " + std::to_string(have) + " bytes, offset and shape ask for " + std::to_string(offset + length));
  }
  if (length == 0) {  // mmap refuses empty ranges
    close(file);
    return wrapTensor(env, at::empty(shape, at::TensorOptions().dtype(type)));
  }
  void* base = mmap(nullptr, have, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  const int problem = errno;
  close(file);
  if (base == MAP_FAILED) throw std::runtime_error(path + ": " + std::strerror(problem));
  const auto unmap = [base, have](void*) { munmap(base, have); };
  return wrapTensor(env, at::from_blob(static_cast<char*>(base) + offset, shape, unmap, at::TensorOptions().dtype(type)), Memory::borrowed);
}

/** describe(tensor) → { shape, dtype, device }. */
napi_value describeTensor(napi_env env, const Arguments& args) {
  const auto& tensor = tensorOf(env, args.values[0], "the tensor");
  if (std::strcmp(nameOf(tensor.scalar_type()), "other") == 0) {
    throw std::invalid_argument(std::string("the dtype ") + c10::toString(tensor.scalar_type()) + " has no JavaScript form");
  }
  napi_value result, shape;
  GANDL_NAPI(napi_create_object(env, &result));
  GANDL_NAPI(napi_create_array_with_length(env, tensor.dim(), &shape));
  for (int64_t i = 0; i < tensor.dim(); i++) GANDL_NAPI(napi_set_element(env, shape, i, toJs(env, tensor.size(i))));
  setProperty(env, result, "shape", shape);
  setProperty(env, result, "dtype", toJs(env, std::string(nameOf(tensor.scalar_type()))));
  setProperty(env, result, "device", toJs(env, tensor.device().str()));
  return result;
}

/** item(tensor): the one element, as a number. */
napi_value item(napi_env env, const Arguments& args) {
  napi_value result;
  GANDL_NAPI(napi_create_double(env, tensorOf(env, args.values[0], "the tensor").item().toDouble(), &result));
  return result;
}

}  // namespace

void releaseParkedBuffers(napi_env env) {
  std::lock_guard<std::mutex> lock(parkedMutex);
  const auto mine = std::partition(parked.begin(), parked.end(), [env](const Parked& each) { return each.env != env; });
  for (auto each = mine; each != parked.end(); ++each) napi_delete_reference(env, each->reference);
  parked.erase(mine, parked.end());
}

void forgetParkedBuffers(void* env) {
  std::lock_guard<std::mutex> lock(parkedMutex);
  parked.erase(std::remove_if(parked.begin(), parked.end(), [env](const Parked& each) { return each.env == env; }), parked.end());
}

const std::vector<Export>& memoryExports() {
  static const std::vector<Export> exports = {
      {"fromBuffer", entry<fromBuffer>}, {"toBuffer", entry<toBuffer>},       {"copyInto", entry<copyInto>}, {"mapFile", entry<mapFile>},
      {"describe", entry<describeTensor>}, {"item", entry<item>}, {"dispose", disposeCallback()},
  };
  return exports;
}

}  // namespace gandl
