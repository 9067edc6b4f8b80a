// Random generators, threads, devices, versions and counters, and the addon's table of exports.
#include "support.h"

#include "kernels/kernels.h"
#include "kernels/trust.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/ops/empty.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sched.h>

namespace gandl {
namespace {

GeneratorHandle& generatorOf(napi_env env, napi_value value) {
  auto* handle = generatorHandleOf(env, value);
  if (handle == nullptr) throw std::invalid_argument("this is not a random generator");
  if (!handle->generator.defined()) throw std::invalid_argument("the random generator was disposed of before this use");
  return *handle;
}

/** newGenerator(seed, device). A clone of the device's default generator, so that no CUDA header is needed. */
napi_value newGenerator(napi_env env, const Arguments& args) {
  const auto seed = static_cast<uint64_t>(intOf(env, args.values[0], "the seed"));
  const c10::Device device(stringOf(env, args.values[1]));
  auto generator = at::globalContext().defaultGenerator(device).clone();
  {
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
  }
  auto* handle = new GeneratorHandle{GeneratorHandle::kMagic, generator};
  napi_value value;
  GANDL_NAPI(napi_create_external(env, handle, [](napi_env, void* data, void*) { delete static_cast<GeneratorHandle*>(data); }, nullptr, &value));
  return value;
}

napi_value generatorState(napi_env env, const Arguments& args) {
  auto& generator = generatorOf(env, args.values[0]).generator;
  std::lock_guard<std::mutex> lock(generator.mutex());
  const auto state = generator.get_state();
  void* data;
  napi_value buffer, bytes;
  GANDL_NAPI(napi_create_arraybuffer(env, state.nbytes(), &data, &buffer));
  std::memcpy(data, state.data_ptr(), state.nbytes());
  GANDL_NAPI(napi_create_typedarray(env, napi_uint8_array, state.nbytes(), buffer, 0, &bytes));
  return bytes;
}

napi_value setGeneratorState(napi_env env, const Arguments& args) {
  auto& generator = generatorOf(env, args.values[0]).generator;
  napi_typedarray_type type;
  size_t length;
  void* data;
  GANDL_NAPI(napi_get_typedarray_info(env, args.values[1], &type, &length, &data, nullptr, nullptr));
  auto state = at::empty({static_cast<int64_t>(length)}, at::kByte);
  std::memcpy(state.data_ptr(), data, length);
  std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
  return undefinedOf(env);
}

/** The cores this process may run on: its affinity, and the CPU time that its container grants (cgroup v2). */
int usableCores() {
  cpu_set_t set;
  int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : static_cast<int>(std::thread::hardware_concurrency());
  std::ifstream limit("/sys/fs/cgroup/cpu.max");  // "200000 100000": 2 cores; "max 100000": no limit
  double quota, period;
  if (limit >> quota >> period && period > 0) cores = std::min(cores, static_cast<int>(std::ceil(quota / period)));
  return std::max(1, cores);
}

napi_value threads(napi_env env, const Arguments&) { return toJs(env, static_cast<int64_t>(at::get_num_threads())); }

napi_value setThreads(napi_env env, const Arguments& args) {
  const int64_t count = intOf(env, args.values[0], "the thread count");
  if (count < 1) throw std::invalid_argument("the thread count must be at least 1");
  at::set_num_threads(static_cast<int>(count));
  return undefinedOf(env);
}

int64_t cudaDevices() { return at::globalContext().hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0; }

/** A function of a library that may not be there, or null. */
template <class Signature>
Signature* symbolOf(void* library, const char* name) {
  return library ? reinterpret_cast<Signature*>(dlsym(library, name)) : nullptr;
}

/** [{ name, memoryBytes }] for each CUDA device. Asks the driver by name, so that building needs no CUDA headers. */
napi_value gpus(napi_env env, int64_t count) {
  napi_value devices;
  GANDL_NAPI(napi_create_array_with_length(env, count, &devices));
  if (count == 0) return devices;
  static void* driver = dlopen("libcuda.so.1", RTLD_LAZY);
  const auto initialise = symbolOf<int(unsigned)>(driver, "cuInit");
  const auto deviceName = symbolOf<int(char*, int, int)>(driver, "cuDeviceGetName");
  const auto totalMemory = symbolOf<int(size_t*, int)>(driver, "cuDeviceTotalMem_v2");
  const bool usable = initialise && deviceName && totalMemory && initialise(0) == 0;
  for (int64_t i = 0; i < count; i++) {
    char name[256] = "unknown";
    size_t bytes = 0;
    if (usable) deviceName(name, sizeof name, static_cast<int>(i)), totalMemory(&bytes, static_cast<int>(i));
    napi_value device;
    GANDL_NAPI(napi_create_object(env, &device));
    setProperty(env, device, "name", toJs(env, std::string(name)));
    setProperty(env, device, "memoryBytes", toJs(env, static_cast<int64_t>(bytes)));
    GANDL_NAPI(napi_set_element(env, devices, i, device));
  }
  return devices;
}

/** systemInfo() → versions, build and devices, for `gandl doctor`. */
napi_value systemInfo(napi_env env, const Arguments&) {
  napi_value info;
  GANDL_NAPI(napi_create_object(env, &info));
  setProperty(env, info, "libtorch", toJs(env, std::string(TORCH_VERSION)));
  setProperty(env, info, "cxx11Abi", toJs(env, static_cast<bool>(_GLIBCXX_USE_CXX11_ABI)));
  setProperty(env, info, "config", toJs(env, at::show_config()));
  setProperty(env, info, "parallel", toJs(env, at::get_parallel_info()));
  setProperty(env, info, "usableCores", toJs(env, static_cast<int64_t>(usableCores())));
  setProperty(env, info, "cudaDevices", toJs(env, cudaDevices()));
  setProperty(env, info, "gpus", gpus(env, cudaDevices()));
  setProperty(env, info, "cardKernels", toJs(env, kernels::hasCardKernels()));
  return info;
}

/** deviceSwitches(): how LibTorch is to compute, as it stands now. */
napi_value deviceSwitches(napi_env env, const Arguments&) {
  const auto& context = at::globalContext();
  napi_value switches;
  GANDL_NAPI(napi_create_object(env, &switches));
  setProperty(env, switches, "tf32Products", toJs(env, context.allowTF32CuBLAS()));
  setProperty(env, switches, "tf32Convolutions", toJs(env, context.allowTF32CuDNN()));
  setProperty(env, switches, "cudnnBenchmark", toJs(env, context.benchmarkCuDNN()));
  setProperty(env, switches, "deterministic", toJs(env, context.deterministicAlgorithms()));
  return switches;
}

/** setDeviceSwitches(tf32Products, tf32Convolutions, cudnnBenchmark, deterministic). For the whole process, all threads. */
napi_value setDeviceSwitches(napi_env env, const Arguments& args) {
  auto& context = at::globalContext();
  context.setAllowTF32CuBLAS(boolOf(env, args.values[0], "tf32Products"));
  context.setAllowTF32CuDNN(boolOf(env, args.values[1], "tf32Convolutions"));
  context.setBenchmarkCuDNN(boolOf(env, args.values[2], "cudnnBenchmark"));
  context.setDeterministicAlgorithms(boolOf(env, args.values[3], "deterministic"), false);
  return undefinedOf(env);
}

/** loopOnCpu(on): the CPU does what a card's threads do, one after the other. For the whole process. */
napi_value loopOnCpu(napi_env env, const Arguments& args) {
  kernels::loopOnCpu(boolOf(env, args.values[0], "on"));
  return undefinedOf(env);
}

/** distrustedConvolutions() → the shapes on which LibTorch's convolutions were wrong so far, in words. */
napi_value distrustedConvolutions(napi_env env, const Arguments&) {
  const auto found = kernels::distrusted();
  napi_value list;
  GANDL_NAPI(napi_create_array_with_length(env, found.size(), &list));
  for (size_t i = 0; i < found.size(); i++) GANDL_NAPI(napi_set_element(env, list, i, toJs(env, found[i])));
  return list;
}

/** spoilConvolutions(on): what is asked of LibTorch comes back wrong. For tests, the whole process. */
napi_value spoilConvolutions(napi_env env, const Arguments& args) {
  kernels::spoilLibrary(boolOf(env, args.values[0], "on"));
  return undefinedOf(env);
}

napi_value stats(napi_env env, const Arguments&) {
  releaseParkedBuffers(env);
  napi_value result;
  GANDL_NAPI(napi_create_object(env, &result));
  setProperty(env, result, "live", toJs(env, counters.live.load()));
  setProperty(env, result, "bytes", toJs(env, counters.bytes.load()));
  setProperty(env, result, "collected", toJs(env, counters.collected.load()));
  return result;
}

/**
 * Feature maps come and go by the megabyte, the same sizes at every step. By default glibc gives such memory back to the system at
 * once and has every page faulted in and cleared again (measured: a tenth of a training step).
 */
void keepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

napi_value initialise(napi_env env, napi_value exports) {
  // From Node, LibTorch starts with one thread; nobody wants half a machine by default. Once for the process: a worker that
  // loads the addon later must not undo what the main thread chose.
  static const bool once = [] {
    if (std::getenv("OMP_NUM_THREADS") == nullptr) at::set_num_threads(usableCores());  // who sets it means it
    keepFreedMemory();
    return true;
  }();
  static_cast<void>(once);
  napi_add_env_cleanup_hook(env, forgetParkedBuffers, env);
  for (const auto* table : {&callExports(), &autogradExports(), &memoryExports(), &scriptExports(), &systemExports()}) {
    for (const auto& [name, callback] : *table) {
      napi_value function;
      if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) != napi_ok) return nullptr;
      if (napi_set_named_property(env, exports, name, function) != napi_ok) return nullptr;
    }
  }
  return exports;
}

}  // namespace

const std::vector<Export>& systemExports() {
  static const std::vector<Export> exports = {
      {"newGenerator", entry<newGenerator>}, {"generatorState", entry<generatorState>}, {"setGeneratorState", entry<setGeneratorState>},
      {"threads", entry<threads>},           {"setThreads", entry<setThreads>},         {"systemInfo", entry<systemInfo>},
      {"stats", entry<stats>},               {"deviceSwitches", entry<deviceSwitches>}, {"setDeviceSwitches", entry<setDeviceSwitches>},
      {"loopOnCpu", entry<loopOnCpu>},
      {"distrustedConvolutions", entry<distrustedConvolutions>},
      {"spoilConvolutions", entry<spoilConvolutions>},
  };
  return exports;
}

NAPI_MODULE(gandl, initialise)

}  // namespace gandl
