// The same operations as kernels.h, told element by element: what one thread of a card does, and what a loop on the CPU does in its
// place, so that every line of arithmetic here is tested on machines without a card. Feature maps lie in channels-last order; an
// element is a pack of neighbouring channels, 16 bytes where the number of channels allows. No header of LibTorch is needed.
//
// The floor of each is its bytes over the card's bandwidth: none makes more than some tens of operations a value.
#pragma once

#include "element_jobs.h"

#include <cstring>

#ifdef __CUDACC__
#define GANDL_ANYWHERE __host__ __device__ __forceinline__
/** Four turns of a loop at once, so that their loads wait together. */
#define GANDL_FOUR_AT_ONCE _Pragma("unroll 4")
#else
#define GANDL_ANYWHERE inline
#define GANDL_FOUR_AT_ONCE
#endif

namespace gandl::elements {

/** The upper half of a float32. */
struct Bfloat16 {
  uint16_t bits;
};

GANDL_ANYWHERE double widened(double x) { return x; }
GANDL_ANYWHERE float widened(float x) { return x; }
GANDL_ANYWHERE float widened(Bfloat16 x) {
  const uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

GANDL_ANYWHERE void narrow(double x, double& to) { to = x; }
GANDL_ANYWHERE void narrow(float x, float& to) { to = x; }
/** To the nearest, to the even one of two; what is not a number stays none. */
GANDL_ANYWHERE void narrow(float x, Bfloat16& to) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  to.bits = x != x ? 0x7fc0 : static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/** Parameters, sums and everything in between are float32, or float64 beside maps in float64. */
template <class T>
struct Wide {
  using type = float;
};
template <>
struct Wide<double> {
  using type = double;
};
template <class T>
using WideOf = typename Wide<T>::type;

/** Neighbouring channels of one pixel, loaded and stored at once. */
template <class T, int V>
struct alignas(sizeof(T) * V) Pack {
  T at[V];
};

/** Where the i-th pack of a batch of maps stands. */
struct Place {
  int32_t image, pixel, pack;
};
GANDL_ANYWHERE Place placeOf(int32_t i, int32_t pixels, int32_t packs) {
  const int32_t pixel = i / packs;
  return {pixel / pixels, pixel % pixels, i % packs};
}

template <class T, int V>
struct ScaleElement {
  ScaleJob job;
  GANDL_ANYWHERE int32_t count() const { return static_cast<int32_t>(job.maps.n * job.maps.pixels * (job.maps.c / V)); }

  GANDL_ANYWHERE void operator()(int32_t i) const {
    const auto packs = static_cast<int32_t>(job.maps.c / V);
    const Place place = placeOf(i, static_cast<int32_t>(job.maps.pixels), packs);
    const auto* scale = static_cast<const WideOf<T>*>(job.scale) + place.image * job.maps.c + place.pack * V;
    auto x = static_cast<const Pack<T, V>*>(job.x)[i];
    for (int v = 0; v < V; v++) narrow(widened(x.at[v]) * scale[v], x.at[v]);
    static_cast<Pack<T, V>*>(job.y)[i] = x;
  }
};

template <class T, int V>
struct ActivateElement {
  ActivateJob job;
  GANDL_ANYWHERE int32_t count() const { return static_cast<int32_t>(job.maps.n * job.maps.pixels * (job.maps.c / V)); }

  GANDL_ANYWHERE void operator()(int32_t i) const {
    using W = WideOf<T>;
    const auto packs = static_cast<int32_t>(job.maps.c / V);
    const Place place = placeOf(i, static_cast<int32_t>(job.maps.pixels), packs);
    const auto* bias = static_cast<const W*>(job.with.bias) + place.pack * V;
    const auto* scale = static_cast<const W*>(job.with.demodulation);
    if (scale != nullptr) scale += place.image * job.maps.c + place.pack * V;
    const W shift = job.with.noise == nullptr ? W(0) : noiseAt<W>(job.with, place.image, place.pixel, job.maps.pixels) * *static_cast<const W*>(job.with.strength);
    const W slope = static_cast<W>(job.with.slope);
    auto x = static_cast<const Pack<T, V>*>(job.x)[i];
    for (int v = 0; v < V; v++) {
      const W value = widened(x.at[v]) * (scale == nullptr ? W(1) : scale[v]) + (shift + bias[v]);
      narrow(value > 0 ? value : slope * value, x.at[v]);
    }
    static_cast<Pack<T, V>*>(job.y)[i] = x;
  }

  /** The noise of one pixel; one map serves all images, or each has its own. */
  template <class W>
  static GANDL_ANYWHERE W noiseAt(const ActivationInputs& with, int32_t image, int32_t pixel, int64_t pixels) {
    return static_cast<const W*>(with.noise)[(with.noiseMaps == 1 ? 0 : image * pixels) + pixel];
  }
};

/** A range of pixels of one image under one pack of channels: what a sum over pixels is made of. */
struct Range {
  int32_t image, pack;
  int64_t first, last;
  /** Where its sums go, in values. */
  int64_t to;
};
GANDL_ANYWHERE Range rangeOf(int32_t i, const Maps& maps, int32_t parts, int V) {
  const auto packs = static_cast<int32_t>(maps.c / V);
  const int32_t row = i / packs;
  const int64_t step = (maps.pixels + parts - 1) / parts;
  const int64_t first = (row % parts) * step;
  const int64_t end = first + step;
  return {row / parts, i % packs, first, end < maps.pixels ? end : maps.pixels, row * maps.c + (i % packs) * V};
}

template <class T, int V>
struct ActivateBackwardElement {
  ActivateBackwardJob job;
  GANDL_ANYWHERE int32_t count() const { return static_cast<int32_t>(job.maps.n * job.parts * (job.maps.c / V)); }

  GANDL_ANYWHERE void operator()(int32_t i) const {
    using W = WideOf<T>;
    using P = Pack<T, V>;
    const Range range = rangeOf(i, job.maps, job.parts, V);
    const auto packs = job.maps.c / V;
    const auto* scale = static_cast<const W*>(job.with.demodulation);
    if (scale != nullptr) scale += range.image * job.maps.c + range.pack * V;
    const W slope = static_cast<W>(job.with.slope);
    const P* __restrict__ dy = static_cast<const P*>(job.dy);
    const P* __restrict__ ys = static_cast<const P*>(job.y);
    const P* __restrict__ xs = static_cast<const P*>(job.x);
    P* __restrict__ dx = static_cast<P*>(job.dx);
    W byScale[V] = {}, byBias[V] = {}, byStrength[V] = {};
    GANDL_FOUR_AT_ONCE
    for (int64_t pixel = range.first; pixel < range.last; pixel++) {
      const int64_t at = (range.image * job.maps.pixels + pixel) * packs + range.pack;
      P g = dy[at];
      const P y = ys[at];
      P x{};
      if (scale != nullptr) x = xs[at];
      const W noise = job.with.noise == nullptr ? W(0) : ActivateElement<T, V>::template noiseAt<W>(job.with, range.image, static_cast<int32_t>(pixel), job.maps.pixels);
      for (int v = 0; v < V; v++) {
        const W gradient = widened(g.at[v]) * (widened(y.at[v]) > 0 ? W(1) : slope);
        byBias[v] += gradient;
        byStrength[v] += gradient * noise;
        byScale[v] += gradient * widened(x.at[v]);
        narrow(gradient * (scale == nullptr ? W(1) : scale[v]), g.at[v]);
      }
      dx[at] = g;
    }
    for (int v = 0; v < V; v++) {
      static_cast<W*>(job.byBias)[range.to + v] = byBias[v];
      if (job.with.noise != nullptr) static_cast<W*>(job.byStrength)[range.to + v] = byStrength[v];
      if (scale != nullptr) static_cast<W*>(job.byScale)[range.to + v] = byScale[v];
    }
  }
};

template <class T, int V>
struct DotElement {
  DotJob job;
  GANDL_ANYWHERE int32_t count() const { return static_cast<int32_t>(job.maps.n * job.parts * (job.maps.c / V)); }

  GANDL_ANYWHERE void operator()(int32_t i) const {
    const Range range = rangeOf(i, job.maps, job.parts, V);
    const auto packs = job.maps.c / V;
    WideOf<T> sum[V] = {};
    GANDL_FOUR_AT_ONCE
    for (int64_t pixel = range.first; pixel < range.last; pixel++) {
      const int64_t at = (range.image * job.maps.pixels + pixel) * packs + range.pack;
      const auto a = static_cast<const Pack<T, V>*>(job.a)[at];
      const auto b = static_cast<const Pack<T, V>*>(job.b)[at];
      for (int v = 0; v < V; v++) sum[v] += widened(a.at[v]) * widened(b.at[v]);
    }
    for (int v = 0; v < V; v++) static_cast<WideOf<T>*>(job.sums)[range.to + v] = sum[v];
  }
};

/** What one output reads along one axis. Taps that would read outside weigh nothing and read the nearest pixel: no branch, no wait. */
template <class W>
struct Taps {
  int32_t input[4];
  W weight[4];
};

/** The taps of output `out`: inputs from `first` on, weighed by the filter or, between stuffed zeros, by the half of it that is left. */
template <class W, FilterKind kind>
GANDL_ANYWHERE Taps<W> tapsAt(int32_t out, int32_t inputs) {
  constexpr W side = W(0.125), middle = W(0.375);
  constexpr int kTaps = kind == FilterKind::up ? 2 : 4;
  const bool isEven = out % 2 == 0;
  int32_t first = 2 * out - 1;
  if (kind == FilterKind::grow) first = out - 2;
  if (kind == FilterKind::shrink) first = out - 1;
  if (kind == FilterKind::up) first = isEven ? out / 2 - 1 : out / 2;
  const W filter[4] = {side, middle, middle, side};
  const W half[2] = {isEven ? side : middle, isEven ? middle : side};
  Taps<W> taps;
  for (int k = 0; k < kTaps; k++) {
    const int32_t at = first + k;
    taps.input[k] = at < 0 ? 0 : at < inputs ? at : inputs - 1;
    taps.weight[k] = at < 0 || at >= inputs ? W(0) : kind == FilterKind::up ? half[k] : filter[k];
  }
  return taps;
}

template <class T, int V, FilterKind kind>
struct FilterElement {
  FilterJob job;
  GANDL_ANYWHERE int32_t count() const { return static_cast<int32_t>(job.n * job.to.h * job.to.w * (job.c / V)); }

  GANDL_ANYWHERE void operator()(int32_t i) const {
    using W = WideOf<T>;
    constexpr int kTaps = kind == FilterKind::up ? 2 : 4;
    const auto packs = static_cast<int32_t>(job.c / V);
    const auto width = static_cast<int32_t>(job.to.w);
    const Place place = placeOf(i, static_cast<int32_t>(job.to.h) * width, packs);
    const auto rows = tapsAt<W, kind>(place.pixel / width, static_cast<int32_t>(job.from.h));
    const auto columns = tapsAt<W, kind>(place.pixel % width, static_cast<int32_t>(job.from.w));
    const auto* image = static_cast<const Pack<T, V>*>(job.x) + place.image * job.from.h * job.from.w * packs + place.pack;
    W sum[V] = {};
    for (int a = 0; a < kTaps; a++)
      for (int b = 0; b < kTaps; b++) {
        const auto in = image[(rows.input[a] * job.from.w + columns.input[b]) * packs];
        const W weight = rows.weight[a] * columns.weight[b];
        for (int v = 0; v < V; v++) sum[v] += weight * widened(in.at[v]);
      }
    Pack<T, V> out;
    for (int v = 0; v < V; v++) narrow(sum[v] * static_cast<W>(job.gain), out.at[v]);
    static_cast<Pack<T, V>*>(job.y)[i] = out;
  }
};

/** Calls `run` with the element of a job for its numbers and packs. */
template <class Run>
void withElement(const Job& job, const Run& run);

namespace detail {

template <template <class, int> class Element, class One, class Run>
void byNumber(const One& one, const Run& run) {
  const bool packed = one.isPacked;
  switch (one.number) {
    case Number::bfloat16: return packed ? run(Element<Bfloat16, 8>{one}) : run(Element<Bfloat16, 1>{one});
    case Number::float32: return packed ? run(Element<float, 4>{one}) : run(Element<float, 1>{one});
    case Number::float64: return packed ? run(Element<double, 2>{one}) : run(Element<double, 1>{one});
  }
}

template <class T, int V>
using Down = FilterElement<T, V, FilterKind::down>;
template <class T, int V>
using Up = FilterElement<T, V, FilterKind::up>;
template <class T, int V>
using Grow = FilterElement<T, V, FilterKind::grow>;
template <class T, int V>
using Shrink = FilterElement<T, V, FilterKind::shrink>;

template <class Run>
struct Chosen {
  const Run& run;
  void operator()(const ScaleJob& job) const { byNumber<ScaleElement>(job, run); }
  void operator()(const ActivateJob& job) const { byNumber<ActivateElement>(job, run); }
  void operator()(const ActivateBackwardJob& job) const { byNumber<ActivateBackwardElement>(job, run); }
  void operator()(const DotJob& job) const { byNumber<DotElement>(job, run); }
  void operator()(const FilterJob& job) const {
    switch (job.kind) {
      case FilterKind::down: return byNumber<Down>(job, run);
      case FilterKind::up: return byNumber<Up>(job, run);
      case FilterKind::grow: return byNumber<Grow>(job, run);
      case FilterKind::shrink: return byNumber<Shrink>(job, run);
    }
  }
};

}  // namespace detail

template <class Run>
void withElement(const Job& job, const Run& run) {
  std::visit(detail::Chosen<Run>{run}, job);
}

}  // namespace gandl::elements
