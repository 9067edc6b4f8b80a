// What is done to every parameter after a step's gradients are there, in one pass over memory each: the optimiser, the moving average, the look for values
// that are not finite. By LibTorch's operators these are seven calls and seven passes a parameter, and a network has a hundred of them.
#include "kernels.h"

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace gandl::kernels {
namespace {

/** Values of a chunk: threads share out chunks of all tensors together. */
constexpr int64_t kChunk = 1 << 14;

struct Chunk {
  size_t tensor;
  int64_t begin, end;
};

std::vector<Chunk> chunksOf(at::TensorList tensors) {
  std::vector<Chunk> chunks;
  for (size_t i = 0; i < tensors.size(); i++)
    for (int64_t begin = 0; begin < tensors[i].numel(); begin += kChunk) chunks.push_back({i, begin, std::min(begin + kChunk, tensors[i].numel())});
  return chunks;
}

template <class Work>
void overChunks(const std::vector<Chunk>& chunks, const Work& work) {
  at::parallel_for(0, static_cast<int64_t>(chunks.size()), 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; i++) work(chunks[i], i);
  });
}

/** The same values in row-major order, of the kind of `like`. */
std::vector<at::Tensor> alike(at::TensorList tensors, at::TensorList like, const char* what) {
  TORCH_CHECK(tensors.size() == like.size(), what, ": ", tensors.size(), " tensors beside ", like.size());
  std::vector<at::Tensor> dense;
  for (size_t i = 0; i < tensors.size(); i++) {
    TORCH_CHECK(tensors[i].sizes() == like[i].sizes() && tensors[i].scalar_type() == like[i].scalar_type(), what, ": tensor ", i, " has another shape or dtype than its partner");
    dense.push_back(tensors[i].contiguous());
  }
  return dense;
}

void expectPlaces(at::TensorList tensors, const char* what) {
  for (const auto& tensor : tensors)
    TORCH_CHECK(tensor.is_cpu() && tensor.is_contiguous() && tensor.scalar_type() == tensors[0].scalar_type(), what, " changes row-major tensors of one dtype on the CPU");
}

template <class T>
void adamChunk(T* GANDL_APART p, const T* GANDL_APART g, T* GANDL_APART m, T* GANDL_APART v, int64_t n, const AdamNumbers& with) {
  const T keep = T(with.beta1), gain = T(1 - with.beta1), keepSquares = T(with.beta2), gainSquares = T(1 - with.beta2);
  const T step = T(with.stepSize), scale = T(with.secondScale), epsilon = T(with.epsilon);
  for (int64_t i = 0; i < n; i++) {
    m[i] = keep * m[i] + gain * g[i];
    v[i] = keepSquares * v[i] + gainSquares * g[i] * g[i];
    p[i] -= step * m[i] / (std::sqrt(v[i]) * scale + epsilon);
  }
}

}  // namespace

void adamEach(at::TensorList parameters, at::TensorList gradients, at::TensorList first, at::TensorList second, const AdamNumbers& with) {
  if (parameters.empty()) return;
  for (const auto& places : {parameters, first, second}) expectPlaces(places, "Adam");
  const auto g = alike(gradients, parameters, "Adam's gradients");
  TORCH_CHECK(first.size() == parameters.size() && second.size() == parameters.size(), "Adam: moments of other parameters");
  AT_DISPATCH_FLOATING_TYPES(parameters[0].scalar_type(), "gandl_adam", [&] {
    overChunks(chunksOf(parameters), [&](const Chunk& c, int64_t) {
      const auto at = [&](const at::Tensor& tensor) { return tensor.data_ptr<scalar_t>() + c.begin; };
      adamChunk<scalar_t>(at(parameters[c.tensor]), at(g[c.tensor]), at(first[c.tensor]), at(second[c.tensor]), c.end - c.begin, with);
    });
  });
}

void lerpEach(at::TensorList averages, at::TensorList ends, double weight) {
  if (averages.empty()) return;
  expectPlaces(averages, "the moving average");
  const auto to = alike(ends, averages, "the moving average");
  AT_DISPATCH_FLOATING_TYPES(averages[0].scalar_type(), "gandl_lerp", [&] {
    overChunks(chunksOf(averages), [&](const Chunk& c, int64_t) {
      scalar_t* GANDL_APART a = averages[c.tensor].data_ptr<scalar_t>();
      const scalar_t* GANDL_APART e = to[c.tensor].data_ptr<scalar_t>();
      for (int64_t i = c.begin; i < c.end; i++) a[i] += scalar_t(weight) * (e[i] - a[i]);
    });
  });
}

at::Tensor sumEach(at::TensorList tensors) {
  auto sums = at::empty({static_cast<int64_t>(tensors.size())}, at::kFloat);
  if (tensors.empty()) return sums;
  std::vector<at::Tensor> dense;
  for (const auto& tensor : tensors) dense.push_back(tensor.contiguous());
  expectPlaces(dense, "the sum of each");
  const auto chunks = chunksOf(dense);
  std::vector<double> parts(chunks.size(), 0), whole(tensors.size(), 0);
  AT_DISPATCH_FLOATING_TYPES(dense[0].scalar_type(), "gandl_sums", [&] {
    overChunks(chunks, [&](const Chunk& c, int64_t part) {
      const scalar_t* from = dense[c.tensor].data_ptr<scalar_t>();
      constexpr int64_t kLanesOfSum = 8;  // sums side by side, or every addition waits for the one before
      double lanes[kLanesOfSum] = {};
      int64_t i = c.begin;
      for (; i + kLanesOfSum <= c.end; i += kLanesOfSum)
        for (int64_t lane = 0; lane < kLanesOfSum; lane++) lanes[lane] += from[i + lane];
      for (; i < c.end; i++) lanes[0] += from[i];
      for (const double lane : lanes) parts[part] += lane;
    });
  });
  for (size_t i = 0; i < chunks.size(); i++) whole[chunks[i].tensor] += parts[i];
  constexpr double kLargest = std::numeric_limits<float>::max();
  float* to = sums.data_ptr<float>();
  for (size_t i = 0; i < whole.size(); i++) to[i] = static_cast<float>(std::isfinite(whole[i]) ? std::clamp(whole[i], -kLargest, kLargest) : whole[i]);
  return sums;
}

}  // namespace gandl::kernels
