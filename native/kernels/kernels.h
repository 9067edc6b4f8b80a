// The few operations that LibTorch does slowly, and that a StyleGAN2 step is made of. They work on feature maps in channels-last order
// (`[n,h,w,c]` in memory): there every inner loop runs over adjacent channels, and every thread of a card reads beside its neighbour.
// On a CPU they are blocked for its caches, on a card told by element (elements.h). Each is held by the tests to a reference written
// in TypeScript operations (src/nn).
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <torch/version.h>

#include <optional>
#include <vector>

/** Promises the compiler that a pointer's memory is reached through no other: without it sums over channels are not vectorised. */
#define GANDL_APART __restrict__

namespace gandl::kernels {

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 5)
using OptionalTensor = std::optional<at::Tensor>;
#else
using OptionalTensor = c10::optional<at::Tensor>;
#endif

/** Sides of a batch of feature maps. */
struct Sides {
  int64_t n, c, h, w;
};
Sides sidesOf(const at::Tensor& x);

/** `x` in channels-last order, with the strides that this order has by definition: itself, or a copy. */
at::Tensor channelsLast(const at::Tensor& x);
/** Memory for `[n,c,h,w]` in channels-last order, of the kind of `like`. */
at::Tensor emptyMaps(Sides sides, const at::Tensor& like);

/** Refuses a tensor that these kernels cannot read, naming the operation. */
void expectMaps(const at::Tensor& x, const char* operation);

// Resampling with [1,3,3,1]/8 along both axes, times `gain`. `fold` is the adjoint of `unfold`, `filterUp` of `filterDown`,
// `filterShrink` of `filterGrow`.
at::Tensor filterDown(const at::Tensor& x, double gain);
at::Tensor filterUp(const at::Tensor& x, double gain);
/** `[n,c,h,w]` → `[n,c,h+1,w+1]`: every place where the filter meets the map; what a convolution of stride 2 goes over. By element. */
at::Tensor filterGrow(const at::Tensor& x, double gain);
/** `[n,c,h+1,w+1]` → `[n,c,h,w]`; what follows a transposed convolution of stride 2. By element. */
at::Tensor filterShrink(const at::Tensor& x, double gain);
/** `[n,c,2h,2w]` → `[n,9c,h,w]`: the filtered map under each tap of a 3×3 convolution of stride 2; tap-major. */
at::Tensor unfoldDown(const at::Tensor& x, double gain);
/** `[n,9c,h,w]` → `[n,c,2h,2w]`: sums the taps of a transposed 3×3 convolution of stride 2, then filters. */
at::Tensor foldUp(const at::Tensor& x, double gain);

// Convolution of stride 1 that keeps height and width (odd kernels), or of stride 2 without a border, from 2h + 1 pixels to h.
// Bilinear: each is the derivative of the others.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, int64_t stride);
at::Tensor convolveInput(const at::Tensor& gradient, const at::Tensor& weight, int64_t stride);
at::Tensor convolveWeight(const at::Tensor& x, const at::Tensor& gradient, int64_t side, int64_t stride);

/** The border that keeps height and width at stride 1; none at stride 2. */
inline int64_t borderOf(int64_t side, int64_t stride) { return stride == 1 ? (side - 1) / 2 : 0; }
/** The length of the map that a convolution made one of `length` from. */
inline int64_t lengthBefore(int64_t length, int64_t side, int64_t stride) { return stride == 1 ? length : (length - 1) * stride + side; }

// The same as products of plain matrices: slower, and nothing is asked of a library but those. `side` is the kernel's.
namespace by_products {
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, int64_t side, int64_t stride);
at::Tensor convolveInput(const at::Tensor& gradient, const at::Tensor& weight, int64_t side, int64_t stride);
at::Tensor convolveWeight(const at::Tensor& x, const at::Tensor& gradient, int64_t side, int64_t stride);
}  // namespace by_products

// The same for 3×3 kernels in single precision on the CPU, in 16 products where the definition has 36; where it fits.
bool fitsWinograd(const at::Tensor& x, int64_t outputs, int64_t side);
bool fitsWinogradWeight(const at::Tensor& x, const at::Tensor& gradient, int64_t side);
at::Tensor winograd(const at::Tensor& x, const at::Tensor& weight);
at::Tensor winogradInput(const at::Tensor& gradient, const at::Tensor& weight);
/** `[3,3,c,o]`. */
at::Tensor winogradWeight(const at::Tensor& x, const at::Tensor& gradient);

/** x · scale, scale `[n,c]`. */
at::Tensor scaleChannels(const at::Tensor& x, const at::Tensor& scale);
/** Σ over pixels of a · b: `[n,c]`. */
at::Tensor dotPixels(const at::Tensor& a, const at::Tensor& b);

/** What the activation of a layer is made of; undefined tensors are left out. */
struct Activation {
  at::Tensor demodulation;  // [n,c], multiplies the input
  at::Tensor noise;         // [n,1,h,w] or [1,1,h,w], times `strength`
  at::Tensor strength;      // []
  at::Tensor bias;          // [c]
  double slope;
};
/** leaky ReLU(x · demodulation + noise · strength + bias). */
at::Tensor activate(const at::Tensor& x, const Activation& with);
/** The gradients of {@link activate} by its input, demodulation, strength and bias; `y` is what it gave. */
struct ActivationGradients {
  at::Tensor input, demodulation, strength, bias;
};
ActivationGradients activateBackward(const at::Tensor& gradient, const at::Tensor& y, const at::Tensor& x, const Activation& with);

/** Of one update of Adam: step size and scale of the second moment have the corrections of their biases in them. */
struct AdamNumbers {
  double beta1, beta2, stepSize, secondScale, epsilon;
};
/** θ ← θ − stepSize · m / (√v · secondScale + ε) after m and v have followed the gradients; all in place, in one pass. CPU. */
void adamEach(at::TensorList parameters, at::TensorList gradients, at::TensorList first, at::TensorList second, const AdamNumbers& with);
/** a ← a + weight · (end − a). CPU. */
void lerpEach(at::TensorList averages, at::TensorList ends, double weight);
/** The sum of each tensor, `[tensors]` in float32: finite exactly where all of its values are, for it is made in double precision. CPU. */
at::Tensor sumEach(at::TensorList tensors);

/** Whether `x` is worked on element by element (elements.h): on a card, and on the CPU where a test asks for it. */
bool worksByElement(const at::Tensor& x);
/** From now on the CPU, too, works by element, in a plain loop. For tests. */
void loopOnCpu(bool on);
/** Whether the addon was built with its kernels for cards. */
bool hasCardKernels();

// The operations above, by element: maps in bfloat16, float32 or float64, parameters in the dtype of the map or in float32.
namespace by_element {
enum class Filter { down, up, grow, shrink };
at::Tensor filter(Filter kind, const at::Tensor& x, double gain);
at::Tensor scaleChannels(const at::Tensor& x, const at::Tensor& scale);
at::Tensor dotPixels(const at::Tensor& a, const at::Tensor& b);
at::Tensor activate(const at::Tensor& x, const Activation& with);
ActivationGradients activateBackward(const at::Tensor& gradient, const at::Tensor& y, const at::Tensor& x, const Activation& with);
}  // namespace by_element

/** Runs `work(first, last)` on ranges of images; as many threads as LibTorch may use. */
template <class Work>
void overImages(int64_t n, const Work& work) {
  at::parallel_for(0, n, 1, work);
}

}  // namespace gandl::kernels
