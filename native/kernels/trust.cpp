#include "trust.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>

#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>

namespace gandl::kernels {
namespace {

/** Of a single value, in root mean squares of all. Rounding in float32 gives some 1e-6, a wrong kernel gave 3e-3 and more. */
constexpr double kLimit = 1e-4;
constexpr uint64_t kSeed = 71;

/** Pass, the sides of both tensors, side of the kernel, stride, threads. */
using Key = std::array<int64_t, 12>;

std::mutex mutex;
std::map<Key, bool> isRight;
std::vector<std::string> wrongs;
std::atomic<bool> isSpoiled{false};

Key keyOf(Pass pass, const at::Tensor& a, const at::Tensor& b, int64_t side, int64_t stride) {
  return {static_cast<int64_t>(pass), a.size(0), a.size(1), a.size(2), a.size(3), b.size(0), b.size(1), b.size(2), b.size(3), side, stride, at::get_num_threads()};
}

at::Tensor byLibrary(const Ways& ways, const at::Tensor& a, const at::Tensor& b, int64_t side, int64_t stride) {
  const auto result = ways.library(a, b, side, stride);
  return isSpoiled ? result.mul(1.2) : result;
}

/** How far the library is from float64 on numbers drawn here: the largest difference over the root mean square. */
double errorOf(const Ways& ways, const at::Tensor& a, const at::Tensor& b, int64_t side, int64_t stride) {
  const auto generator = at::detail::createCPUGenerator(kSeed);
  const auto drawn = [&](const at::Tensor& like) { return channelsLast(at::randn(like.sizes(), generator, like.options().requires_grad(false))); };
  const auto first = drawn(a), second = drawn(b);
  const auto got = byLibrary(ways, first, second, side, stride).to(at::kDouble);
  const auto want = ways.products(first.to(at::kDouble), second.to(at::kDouble), side, stride);
  const double rootMeanSquare = std::sqrt(want.square().mean().item<double>());
  const double worst = got.sub(want).abs().max().item<double>();
  return worst <= kLimit * rootMeanSquare ? 0 : worst / rootMeanSquare;  // a NaN is not ≤
}

std::string inWords(const Key& key, double error) {
  static constexpr const char* kNames[] = {"forward", "by the map", "by the weight"};
  std::ostringstream text;
  text << key[9] << "×" << key[9] << " convolution";
  if (key[10] != 1) text << " of stride " << key[10];
  text << ", " << kNames[key[0]] << ", of [" << key[1] << ',' << key[2] << ',' << key[3] << ',' << key[4] << "] and [" << key[5] << ',' << key[6] << ',' << key[7] << ','
       << key[8] << "] on " << key[11] << (key[11] == 1 ? " thread" : " threads") << ": off by " << error << " of the values' size";
  return text.str();
}

std::optional<bool> knownOf(const Key& key) {
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = isRight.find(key);
  return found == isRight.end() ? std::nullopt : std::optional<bool>(found->second);
}

bool findOut(const Key& key, const Ways& ways, const at::Tensor& a, const at::Tensor& b, int64_t side, int64_t stride) {
  const at::NoGradGuard noGrad;
  const double error = errorOf(ways, a, b, side, stride);
  const std::lock_guard<std::mutex> lock(mutex);
  if (isRight.emplace(key, error == 0).second && error != 0) wrongs.push_back(inWords(key, error));
  return error == 0;
}

}  // namespace

at::Tensor trusted(Pass pass, const Ways& ways, const at::Tensor& a, const at::Tensor& b, int64_t side, int64_t stride) {
  if (!a.is_cpu() || a.scalar_type() != at::kFloat || a.numel() == 0 || b.numel() == 0) return ways.library(a, b, side, stride);
  const Key key = keyOf(pass, a, b, side, stride);
  const auto known = knownOf(key);
  const bool right = known ? *known : findOut(key, ways, a, b, side, stride);
  return right ? byLibrary(ways, a, b, side, stride) : ways.products(a, b, side, stride);
}

std::vector<std::string> distrusted() {
  const std::lock_guard<std::mutex> lock(mutex);
  return wrongs;
}

void spoilLibrary(bool on) {
  isSpoiled = on;
  const std::lock_guard<std::mutex> lock(mutex);
  isRight.clear();
  wrongs.clear();
}

}  // namespace gandl::kernels
