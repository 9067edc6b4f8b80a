// The one file that needs the headers of LibTorch and of CUDA.
#include "../kernels/element_jobs.h"

#include <c10/cuda/CUDAStream.h>

namespace gandl::elements {

void* currentStream(int card) { return c10::cuda::getCurrentCUDAStream(static_cast<c10::DeviceIndex>(card)).stream(); }

}  // namespace gandl::elements
