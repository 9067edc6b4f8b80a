// A thread an element.
#include "../kernels/elements.h"

#include <stdexcept>
#include <string>

namespace gandl::elements {
namespace {

constexpr int kThreads = 256;

template <class Element>
__global__ void __launch_bounds__(kThreads) each(Element element, int32_t count) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (i < count) element(static_cast<int32_t>(i));
}

}  // namespace

void runOnCard(const Job& job, void* stream) {
  withElement(job, [stream](const auto& element) {
    const int32_t count = element.count();
    if (count == 0) return;
    const auto blocks = static_cast<unsigned>((static_cast<int64_t>(count) + kThreads - 1) / kThreads);
    each<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(element, count);
    const cudaError_t error = cudaGetLastError();
    if (error != cudaSuccess) throw std::runtime_error(std::string("a CUDA kernel did not start: ") + cudaGetErrorString(error));
  });
}

}  // namespace gandl::elements
