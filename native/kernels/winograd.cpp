// 3×3 convolutions by minimal filtering (Lavin & Gray, CVPR 2016, §4.1), the filters of tiles.h along both axes: a tile of 4×4 outputs takes
// 36 products where the definition has 144, one of 2×2 takes 16 of 36. Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, and by the filter:
// Gᵀ[Σ (A dY Aᵀ) ⊙ (Bᵀ d B)]G. Tiles are taken in blocks that stay in the second-level cache, from the map to the map.
#include "kernels.h"
#include "lanes.h"
#include "tile_blocks.h"
#include "tiles.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace gandl::kernels {
namespace {

constexpr int64_t kOutputs = 16;
/** Tiles of a block, a multiple of the rows of one product; and of a block of the weight gradient. */
constexpr int64_t kBlock = 24, kGradientBlock = 32;
/** The weight gradient is summed in 2 to so many parts, whatever the number of threads, each of so many pixels where there are enough. */
constexpr int64_t kMostParts = 8, kPixelsOfPart = 2048;
/** Below so many pixels in all, the transforms of the weight gradient's filters cost more than they save. */
constexpr int64_t kPixelsForWeight = 1024;
/** Maps of so many pixels have enough large tiles to pay for the larger transform of the filter. */
constexpr int64_t kPixelsForFour = 64;

template <class Tiles>
constexpr int64_t kPoints = Tiles::kIn * Tiles::kIn;

/** A product with as many sums as there are registers for. */
struct Products {
  int64_t outputs, rows;
  void (*run)(const float* a, int64_t rowStep, int64_t step, const float* b, int64_t bStep, int64_t depth, float* c, int64_t cStep, bool add);
};
template <int Rows, int Outputs>
Products inRegisters() {
  return {Outputs, Rows, product<Rows, Outputs>};
}

/** Of the tiles of a block with a filter to `o` channels. */
Products productsOfTiles(int64_t o) {
  if constexpr (kLanes == 16) return o % 32 == 0 ? inRegisters<12, 32>() : inRegisters<12, 16>();
  else return inRegisters<6, 16>();
}

/** Of each of `c` channels with each of `o`. */
Products productsOfChannels(int64_t c, int64_t o) {
  if constexpr (kLanes == 16) return o % 32 == 0 ? inRegisters<8, 32>() : c % 16 == 0 ? inRegisters<16, 16>() : inRegisters<8, 16>();
  else return inRegisters<4, 16>();
}

/** Where a filter's values lie: `w[o·byOutput + c·byInput + ky·byRow + kx·byColumn]`. Negative steps turn it by 180°. */
struct Filter {
  const float* data;
  int64_t byOutput, byInput, byRow, byColumn;
};

/** G g Gᵀ: `[point][o / outputs][c][outputs]`, the order in which products read it. */
template <class Tiles>
at::Tensor transformFilter(const Filter& filter, int64_t c, int64_t o, int64_t outputs, const at::Tensor& like) {
  constexpr int64_t kIn = Tiles::kIn;
  at::Tensor out = at::empty({kPoints<Tiles>, o / outputs, c, outputs}, like.options().requires_grad(false));
  float* to = out.data_ptr<float>();
  typedef typename Lanes<kLanes>::Vector Lane;
  at::parallel_for(0, o / outputs * c, 16, [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++)
      for (int64_t first = 0; first < outputs; first += kLanes) {
        const float* from = filter.data + (item / c * outputs + first) * filter.byOutput + item % c * filter.byInput;
        const auto taps = [&](int64_t i, int64_t j) {
          Lane values;
          for (int64_t lane = 0; lane < kLanes; lane++) values[lane] = from[lane * filter.byOutput + i * filter.byRow + j * filter.byColumn];
          return values;
        };
        alongBoth<3, kIn, Lane>(Tiles::template filter<Lane>, taps, [&](int64_t i, int64_t j, const Lane& value) {
          store<kLanes>(to + ((i * kIn + j) * (o / outputs) * c + item) * outputs + first, value);
        });
      }
  });
  return out;
}

template <class Tiles>
at::Tensor filtered(const at::Tensor& x, const Filter& filter, int64_t o) {
  const Sides in = sidesOf(x);
  const Products products = productsOfTiles(o);
  const int64_t outputs = products.outputs;
  const at::Tensor u = transformFilter<Tiles>(filter, in.c, o, outputs, x);
  auto out = emptyMaps({in.n, o, in.h, in.w}, x);
  const Grid<Tiles> from(in), to({in.n, o, in.h, in.w});
  const float *source = x.data_ptr<float>(), *filters = u.data_ptr<float>();
  float* target = out.data_ptr<float>();
  // Shared out by the rows of one product, not by blocks: of the 64 tiles of a small map one thread would get two blocks of three.
  const int64_t rows = products.rows;
  at::parallel_for(0, (from.count + rows - 1) / rows, 1, [&](int64_t begin, int64_t end) {
    Block v(kPoints<Tiles>, kBlock, in.c), m(kPoints<Tiles>, kBlock, o);
    const int64_t last = std::min(end * rows, from.count);
    for (int64_t first = begin * rows; first < last; first += kBlock) {
      const int64_t tiles = std::min(kBlock, last - first);
      (fitsLanes(from) ? transformMap<Tiles, kLanes> : transformMap<Tiles, 8>)(source, from, first, tiles, v);
      for (int64_t group = 0; group < kPoints<Tiles> * (o / outputs); group++) {
        const int64_t point = group / (o / outputs), output = group % (o / outputs) * outputs;
        for (int64_t t = 0; t < tiles; t += rows)
          products.run(v.at(point, t), in.c, 1, filters + group * in.c * outputs, outputs, in.c, m.at(point, t) + output, o, false);
      }
      (fitsLanes(to) ? transformBack<Tiles, kLanes> : transformBack<Tiles, 8>)(m, to, first, tiles, target);
    }
  });
  return out;
}

/** Adds Σ over the tiles of one part of (A dY Aᵀ) ⊙ (Bᵀ d B) to `sums[point][c][o]`. */
template <class Tiles>
void addPart(const float* x, const Grid<Tiles>& from, const float* dy, const Grid<Tiles>& to, int64_t begin, int64_t end, float* sums) {
  Block v(kPoints<Tiles>, kGradientBlock, from.c), d(kPoints<Tiles>, kGradientBlock, to.c);
  const Products products = productsOfChannels(from.c, to.c);
  for (int64_t first = begin; first < end; first += kGradientBlock) {
    const int64_t tiles = std::min(kGradientBlock, end - first);
    (fitsLanes(from) ? transformMap<Tiles, kLanes> : transformMap<Tiles, 8>)(x, from, first, tiles, v);
    (fitsLanes(to) ? transformGradient<Tiles, kLanes> : transformGradient<Tiles, 8>)(dy, to, first, tiles, d);
    for (int64_t point = 0; point < kPoints<Tiles>; point++)
      for (int64_t output = 0; output < to.c; output += products.outputs)
        for (int64_t i = 0; i < from.c; i += products.rows)
          products.run(v.at(point, 0) + i, 1, from.c, d.at(point, 0) + output, to.c, tiles, sums + (point * from.c + i) * to.c + output, to.c, true);
  }
}

/** Gᵀ u G of each pair of channels: `[point][c][o]` to `[3,3,c,o]`. */
template <class Tiles>
at::Tensor gradientOfFilter(const at::Tensor& points, int64_t c, int64_t o) {
  constexpr int64_t kIn = Tiles::kIn;
  auto out = at::empty({3, 3, c, o}, points.options());
  const float* u = points.data_ptr<float>();
  float* to = out.data_ptr<float>();
  const int64_t pairs = c * o;  // a multiple of 8 · 16
  typedef typename Lanes<kLanes>::Vector Lane;
  at::parallel_for(0, pairs / kLanes, 64, [&](int64_t begin, int64_t end) {
    for (int64_t pair = begin * kLanes; pair < end * kLanes; pair += kLanes)
      alongBoth<kIn, 3, Lane>(Tiles::template gather<Lane>, [&](int64_t i, int64_t j) { return load<kLanes>(u + (i * kIn + j) * pairs + pair); },
                              [&](int64_t i, int64_t j, const Lane& value) { store<kLanes>(to + (i * 3 + j) * pairs + pair, value); });
  });
  return out;
}

template <class Tiles>
at::Tensor byFilter(const at::Tensor& x, const at::Tensor& gradient) {
  const Grid<Tiles> from(sidesOf(x)), to(sidesOf(gradient));
  const int64_t parts = std::clamp<int64_t>(x.numel() / from.c / kPixelsOfPart, 2, kMostParts), ofPart = (from.count + parts - 1) / parts;
  at::Tensor sums = at::zeros({parts, kPoints<Tiles>, from.c, to.c}, x.options().requires_grad(false));
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++)
      addPart<Tiles>(x.data_ptr<float>(), from, gradient.data_ptr<float>(), to, part * ofPart, std::min((part + 1) * ofPart, from.count),
                     sums.data_ptr<float>() + part * kPoints<Tiles> * from.c * to.c);
  });
  return gradientOfFilter<Tiles>(sums.sum(0), from.c, to.c);
}

bool divides(const Sides& s, int64_t side) { return s.h % side == 0 && s.w % side == 0; }
bool fitsFour(const at::Tensor& x) {
  const Sides s = sidesOf(x);
  return divides(s, 4) && s.h * s.w >= kPixelsForFour;
}

at::Tensor filteredBy(const at::Tensor& x, const Filter& filter, int64_t o) {
  return fitsFour(x) ? filtered<TilesOfFour>(x, filter, o) : filtered<TilesOfTwo>(x, filter, o);
}

}  // namespace

bool fitsWinograd(const at::Tensor& x, int64_t o, int64_t side) {
  return x.is_cpu() && side == 3 && x.scalar_type() == at::kFloat && x.size(1) % 8 == 0 && o % kOutputs == 0 && divides(sidesOf(x), 2);
}

at::Tensor winograd(const at::Tensor& x, const at::Tensor& weight) {
  const Filter filter{weight.data_ptr<float>(), weight.stride(0), weight.stride(1), weight.stride(2), weight.stride(3)};
  return filteredBy(channelsLast(x), filter, weight.size(0));
}

at::Tensor winogradInput(const at::Tensor& gradient, const at::Tensor& weight) {
  const float* last = weight.data_ptr<float>() + 2 * weight.stride(2) + 2 * weight.stride(3);
  const Filter turned{last, weight.stride(1), weight.stride(0), -weight.stride(2), -weight.stride(3)};
  return filteredBy(channelsLast(gradient), turned, weight.size(1));
}

bool fitsWinogradWeight(const at::Tensor& x, const at::Tensor& gradient, int64_t side) {
  return fitsWinograd(x, gradient.size(1), side) && x.numel() / x.size(1) >= kPixelsForWeight;
}

at::Tensor winogradWeight(const at::Tensor& x, const at::Tensor& gradient) {
  return (fitsFour(x) ? byFilter<TilesOfFour> : byFilter<TilesOfTwo>)(channelsLast(x), channelsLast(gradient));
}

}  // namespace gandl::kernels
