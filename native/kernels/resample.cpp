// Up- and down-sampling with the binomial filter, alone or under the taps of a 3×3 convolution. Separable: rows first, then along
// the row, where a filter over neighbouring pixels is a sum of four shifted copies of one contiguous line.
#include "kernels.h"

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>

namespace gandl::kernels {
namespace {

constexpr std::array<double, 4> kFilter = {0.125, 0.375, 0.375, 0.125};

/** out = Σ weight_k · line_k over `length` values; a null line counts as zeros. */
template <class T>
void combine(T* GANDL_APART out, int64_t length, const std::array<const T*, 4>& lines, const std::array<T, 4>& weights) {
  std::array<const T*, 4> present{};
  std::array<T, 4> weight{};
  size_t count = 0;
  for (size_t k = 0; k < 4; k++)
    if (lines[k] != nullptr) present[count] = lines[k], weight[count++] = weights[k];
  switch (count) {
    case 0: std::fill_n(out, length, T(0)); return;
    case 1:
      for (int64_t i = 0; i < length; i++) out[i] = weight[0] * present[0][i];
      return;
    case 2:
      for (int64_t i = 0; i < length; i++) out[i] = weight[0] * present[0][i] + weight[1] * present[1][i];
      return;
    case 3:
      for (int64_t i = 0; i < length; i++)
        out[i] = weight[0] * present[0][i] + weight[1] * present[1][i] + weight[2] * present[2][i];
      return;
    default:
      for (int64_t i = 0; i < length; i++)
        out[i] = weight[0] * present[0][i] + weight[1] * present[1][i] + weight[2] * present[2][i] + weight[3] * present[3][i];
  }
}

template <class T>
constexpr std::array<T, 4> taps(double gain) {
  return {T(gain * kFilter[0]), T(gain * kFilter[1]), T(gain * kFilter[2]), T(gain * kFilter[3])};
}

/** Rows of one image in channels-last order; rows outside of it are null. */
template <class T>
struct Rows {
  T* data;
  int64_t count, stride;
  T* operator[](int64_t row) const { return row < 0 || row >= count ? nullptr : data + row * stride; }
};

/** A row of pixels with `margin` zero pixels on both sides. */
template <class T>
class PaddedRow {
 public:
  PaddedRow(int64_t pixels, int64_t channels, int64_t margin)
      : values_((pixels + 2 * margin) * channels, T(0)), start_(margin * channels) {}
  T* data() { return values_.data() + start_; }

 private:
  std::vector<T> values_;
  int64_t start_;
};

template <class T>
void filterDownImage(const T* in, T* out, Sides to, T gain) {
  const auto [_, c, h, w] = to;
  const Rows<const T> rows{in, 2 * h, 2 * w * c};
  PaddedRow<T> line(2 * w, c, 1);
  const auto f = taps<T>(1);
  for (int64_t i = 0; i < h; i++, out += w * c) {
    combine<T>(line.data(), 2 * w * c, {rows[2 * i - 1], rows[2 * i], rows[2 * i + 1], rows[2 * i + 2]}, taps<T>(gain));
    const T* at = line.data() - c;
    for (int64_t j = 0; j < w; j++, at += 2 * c)
      for (int64_t k = 0; k < c; k++) out[j * c + k] = f[0] * at[k] + f[1] * at[c + k] + f[2] * at[2 * c + k] + f[3] * at[3 * c + k];
  }
}

template <class T>
void filterUpImage(const T* in, T* out, Sides from, T gain) {
  const auto [_, c, h, w] = from;
  const Rows<const T> rows{in, h, w * c};
  PaddedRow<T> line(w, c, 1);
  const auto f = taps<T>(1);
  const auto g = taps<T>(gain);
  for (int64_t p = 0; p < 2 * h; p++, out += 2 * w * c) {
    const int64_t q = p / 2;
    // Even outputs see inputs q − 1 and q, odd ones q and q + 1.
    if (p % 2 == 0) combine<T>(line.data(), w * c, {rows[q - 1], rows[q]}, {g[3], g[1]});
    else combine<T>(line.data(), w * c, {rows[q], rows[q + 1]}, {g[2], g[0]});
    const T* at = line.data();
    for (int64_t j = 0; j < w; j++, at += c)
      for (int64_t k = 0; k < c; k++) {
        out[2 * j * c + k] = f[3] * at[k - c] + f[1] * at[k];
        out[(2 * j + 1) * c + k] = f[2] * at[k] + f[0] * at[k + c];
      }
  }
}

/** Row r of the filtered map, 2w + 1 pixels: what taps of a 3×3 convolution of stride 2 read. */
template <class T>
void filteredRow(const Rows<const T>& rows, int64_t r, PaddedRow<T>& line, T* out, int64_t w, int64_t c, T gain) {
  combine<T>(line.data(), 2 * w * c, {rows[r - 2], rows[r - 1], rows[r], rows[r + 1]}, taps<T>(gain));
  const T* at = line.data();
  combine<T>(out, (2 * w + 1) * c, {at - 2 * c, at - c, at, at + c}, taps<T>(1));
}

template <class T>
void unfoldImage(const T* in, T* out, Sides to, T gain) {
  const auto [_, c, h, w] = to;
  const Rows<const T> rows{in, 2 * h, 2 * w * c};
  PaddedRow<T> line(2 * w, c, 2);
  std::array<std::vector<T>, 3> filtered;
  for (auto& row : filtered) row.resize((2 * w + 1) * c);
  filteredRow(rows, 0, line, filtered[2].data(), w, c, gain);
  for (int64_t i = 0; i < h; i++) {
    std::swap(filtered[0], filtered[2]);  // the last row of one output is the first of the next
    filteredRow(rows, 2 * i + 1, line, filtered[1].data(), w, c, gain);
    filteredRow(rows, 2 * i + 2, line, filtered[2].data(), w, c, gain);
    for (int64_t j = 0; j < w; j++)
      for (const auto& row : filtered) {
        std::copy_n(row.data() + 2 * j * c, 3 * c, out);  // three neighbouring pixels are three taps
        out += 3 * c;
      }
  }
}

/** Row r of the map that a transposed convolution of stride 2 gives, 2w + 1 pixels. */
template <class T>
void scatteredRow(const T* in, int64_t r, T* out, int64_t h, int64_t w, int64_t c) {
  std::fill_n(out, (2 * w + 1) * c, T(0));
  for (int64_t tap = r % 2; tap < 3; tap += 2) {
    const int64_t i = (r - tap) / 2;
    if (r < tap || i >= h) continue;
    const T* at = in + (i * w * 9 + tap * 3) * c;
    for (int64_t j = 0; j < w; j++, at += 9 * c)
      for (int64_t k = 0; k < 3 * c; k++) out[2 * j * c + k] += at[k];
  }
}

template <class T>
void foldImage(const T* in, T* out, Sides from, T gain) {
  const auto [_, c, h, w] = from;
  PaddedRow<T> scattered(2 * w + 1, c, 2);
  std::array<std::vector<T>, 4> filtered;  // row r stands in slot r mod 4
  for (auto& row : filtered) row.resize(2 * w * c);
  const auto fill = [&](int64_t r) {
    if (r > 2 * h) return;
    scatteredRow(in, r, scattered.data(), h, w, c);
    const T* at = scattered.data();
    combine<T>(filtered[r % 4].data(), 2 * w * c, {at + 2 * c, at + c, at, at - c}, taps<T>(1));
  };
  for (int64_t r = 0; r < 2; r++) fill(r);
  for (int64_t p = 0; p < 2 * h; p++, out += 2 * w * c) {
    fill(p + 2);
    std::array<const T*, 4> lines;
    for (int64_t m = 0; m < 4; m++) {
      const int64_t r = p + 2 - m;
      lines[m] = r < 0 || r > 2 * h ? nullptr : filtered[r % 4].data();
    }
    combine<T>(out, 2 * w * c, lines, taps<T>(gain));
  }
}

enum class Kind { filterDown, filterUp, unfold, fold };

at::Tensor resample(Kind kind, const at::Tensor& input, double gain) {
  expectMaps(input, "resampling");
  TORCH_CHECK(input.is_cpu(), "resampling by taps is for the CPU, the tensor is on ", input.device());
  const auto x = channelsLast(input);
  const auto [n, c, h, w] = sidesOf(x);
  Sides from{n, c, h, w}, to = from;
  if (kind == Kind::filterDown) to = {n, c, h / 2, w / 2};
  if (kind == Kind::filterUp) to = {n, c, 2 * h, 2 * w};
  if (kind == Kind::unfold) to = {n, 9 * c, h / 2, w / 2};
  if (kind == Kind::fold) from = {n, c / 9, h, w}, to = {n, c / 9, 2 * h, 2 * w};
  auto out = emptyMaps(to, x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "gandl_resample", [&] {
    const auto* source = x.data_ptr<scalar_t>();
    auto* target = out.data_ptr<scalar_t>();
    overImages(n, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; i++) {
        const auto* in = source + i * c * h * w;
        auto* result = target + i * to.c * to.h * to.w;
        const auto g = static_cast<scalar_t>(gain);
        switch (kind) {
          case Kind::filterDown: filterDownImage<scalar_t>(in, result, to, g); break;
          case Kind::filterUp: filterUpImage<scalar_t>(in, result, from, g); break;
          case Kind::unfold: unfoldImage<scalar_t>(in, result, {n, c, to.h, to.w}, g); break;
          case Kind::fold: foldImage<scalar_t>(in, result, from, g); break;
        }
      }
    });
  });
  return out;
}

at::Tensor byElement(by_element::Filter kind, const at::Tensor& x, double gain) {
  expectMaps(x, "resampling");
  return by_element::filter(kind, x, gain);
}

}  // namespace

Sides sidesOf(const at::Tensor& x) { return {x.size(0), x.size(1), x.size(2), x.size(3)}; }

at::Tensor channelsLast(const at::Tensor& x) {
  const auto inOrder = x.contiguous(at::MemoryFormat::ChannelsLast);
  // Axes of length 1 may keep any stride, and libraries guess an order from them: 72 kernels of 8 channels and 1×1 pixels are in two at once.
  const auto [n, c, h, w] = sidesOf(inOrder);
  const std::array<int64_t, 4> strides = {h * w * c, 1, w * c, c};
  return inOrder.strides() == at::IntArrayRef(strides) ? inOrder : inOrder.as_strided(inOrder.sizes(), strides);
}

at::Tensor emptyMaps(Sides sides, const at::Tensor& like) {
  return at::empty({sides.n, sides.c, sides.h, sides.w}, like.options().requires_grad(false), at::MemoryFormat::ChannelsLast);
}

void expectMaps(const at::Tensor& x, const char* operation) {
  TORCH_CHECK(x.dim() == 4, operation, " needs feature maps [n,c,h,w], not ", x.dim(), " axes");
  TORCH_CHECK(x.is_cpu() || x.is_cuda(), operation, ": our kernels are for CPUs and CUDA devices, the tensor is on ", x.device());
}

at::Tensor filterDown(const at::Tensor& x, double gain) {
  return worksByElement(x) ? byElement(by_element::Filter::down, x, gain) : resample(Kind::filterDown, x, gain);
}
at::Tensor filterUp(const at::Tensor& x, double gain) {
  return worksByElement(x) ? byElement(by_element::Filter::up, x, gain) : resample(Kind::filterUp, x, gain);
}
at::Tensor filterGrow(const at::Tensor& x, double gain) { return byElement(by_element::Filter::grow, x, gain); }
at::Tensor filterShrink(const at::Tensor& x, double gain) { return byElement(by_element::Filter::shrink, x, gain); }
at::Tensor unfoldDown(const at::Tensor& x, double gain) { return resample(Kind::unfold, x, gain); }
at::Tensor foldUp(const at::Tensor& x, double gain) { return resample(Kind::fold, x, gain); }

}  // namespace gandl::kernels
