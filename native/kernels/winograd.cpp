// 3×3 convolutions by the minimal filtering algorithm F(2×2, 3×3) (Winograd 1980; Lavin & Gray, CVPR 2016, §4.1): a tile of 2×2 outputs
// takes 16 products where the definition has 36. In single precision its rounding error is about that of the definition; larger tiles
// would save more and lose digits. Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, and by the filter: Gᵀ[Σ (A dY Aᵀ) ⊙ (Bᵀ d B)]G.
// Tiles are taken in blocks that stay in the second-level cache, from the map to the map.
#include "kernels.h"
#include "lanes.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace gandl::kernels {
namespace {

constexpr int64_t kPoints = 16, kOutputs = 16;
/** Tiles of a block; the first a multiple of the rows of one product. */
constexpr int64_t kBlock = 24, kGradientBlock = kLanes == 16 ? 64 : 32;
/** The weight gradient is summed in so many parts at most, whatever the number of threads, and each of so many tiles at least. */
constexpr int64_t kMostParts = 8, kTilesOfPart = 256;

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

/** Tiles of 2×2 pixels over a batch, counted image by image, row by row. */
struct Grid {
  int64_t c, h, w, across, ofImage, count;
  explicit Grid(const Sides& s) : c(s.c), h(s.h), w(s.w), across(s.w / 2), ofImage(s.h / 2 * across), count(s.n * ofImage) {}
  int64_t top(int64_t tile) const { return tile % ofImage / across * 2; }
  int64_t left(int64_t tile) const { return tile % across * 2; }
  /** Of the first channel of pixel (y, x) in the tile's image. */
  int64_t offset(int64_t tile, int64_t y, int64_t x) const { return ((tile / ofImage * h + y) * w + x) * c; }
};

/** Bᵀ d along four values. */
template <class Lane>
void mapTransform(const Lane (&d)[4], Lane (&to)[4]) {
  to[0] = d[0] - d[2];
  to[1] = d[1] + d[2];
  to[2] = d[2] - d[1];
  to[3] = d[1] - d[3];
}

/** Bᵀ d B of the 4×4 pixels around each tile of a block: `v[point][tile][c]`. */
template <int64_t Width>
void transformMap(const float* x, const Grid& grid, int64_t first, int64_t tiles, int64_t block, float* v) {
  typedef typename Lanes<Width>::Vector Lane;
  for (int64_t t = 0; t < tiles; t++) {
    const int64_t tile = first + t, top = grid.top(tile) - 1, left = grid.left(tile) - 1;
    const float* from[4][4];
    for (int64_t i = 0; i < 4; i++)
      for (int64_t j = 0; j < 4; j++) {
        const int64_t y = top + i, column = left + j;
        const bool inside = y >= 0 && y < grid.h && column >= 0 && column < grid.w;
        from[i][j] = inside ? x + grid.offset(tile, y, column) : nullptr;
      }
    for (int64_t k = 0; k < grid.c; k += Width) {
      Lane half[4][4];
      for (int64_t j = 0; j < 4; j++) {
        Lane d[4], column[4];
        for (int64_t i = 0; i < 4; i++) d[i] = from[i][j] ? load<Width>(from[i][j] + k) : Lane{};
        mapTransform(d, column);
        for (int64_t i = 0; i < 4; i++) half[i][j] = column[i];
      }
      for (int64_t i = 0; i < 4; i++) {
        Lane row[4];
        mapTransform(half[i], row);
        for (int64_t j = 0; j < 4; j++) store<Width>(v + ((i * 4 + j) * block + t) * grid.c + k, row[j]);
      }
    }
  }
}

/** Aᵀ m A of each tile of a block, to its 2×2 pixels. */
template <int64_t Width>
void transformBack(const float* m, const Grid& grid, int64_t first, int64_t tiles, int64_t block, float* y) {
  typedef typename Lanes<Width>::Vector Lane;
  for (int64_t t = 0; t < tiles; t++) {
    const int64_t tile = first + t, top = grid.top(tile), left = grid.left(tile);
    for (int64_t k = 0; k < grid.c; k += Width) {
      Lane half[2][4];
      for (int64_t j = 0; j < 4; j++) {
        Lane d[4];
        for (int64_t i = 0; i < 4; i++) d[i] = load<Width>(m + ((i * 4 + j) * block + t) * grid.c + k);
        half[0][j] = d[0] + d[1] + d[2];
        half[1][j] = d[1] - d[2] - d[3];
      }
      for (int64_t i = 0; i < 2; i++) {
        store<Width>(y + grid.offset(tile, top + i, left) + k, half[i][0] + half[i][1] + half[i][2]);
        store<Width>(y + grid.offset(tile, top + i, left + 1) + k, half[i][1] - half[i][2] - half[i][3]);
      }
    }
  }
}

/** A dy along two values. */
template <class Lane>
void spread(const Lane& a, const Lane& b, Lane (&to)[4]) {
  to[0] = a;
  to[1] = a + b;
  to[2] = a - b;
  to[3] = -b;
}

/** A dy Aᵀ of each tile of a block: `d[point][tile][o]`. */
template <int64_t Width>
void transformGradient(const float* dy, const Grid& grid, int64_t first, int64_t tiles, int64_t block, float* d) {
  typedef typename Lanes<Width>::Vector Lane;
  for (int64_t t = 0; t < tiles; t++) {
    const int64_t tile = first + t, top = grid.top(tile), left = grid.left(tile);
    for (int64_t k = 0; k < grid.c; k += Width) {
      Lane columns[2][4];
      for (int64_t j = 0; j < 2; j++)
        spread(load<Width>(dy + grid.offset(tile, top, left + j) + k), load<Width>(dy + grid.offset(tile, top + 1, left + j) + k), columns[j]);
      for (int64_t i = 0; i < 4; i++) {
        Lane row[4];
        spread(columns[0][i], columns[1][i], row);
        for (int64_t j = 0; j < 4; j++) store<Width>(d + ((i * 4 + j) * block + t) * grid.c + k, row[j]);
      }
    }
  }
}

/** As wide as the machine's registers where the channels are a multiple of that, else eight. */
bool fitsLanes(const Grid& grid) { return grid.c % kLanes == 0; }

/** Where a filter's values lie: `w[o·byOutput + c·byInput + ky·byRow + kx·byColumn]`. Negative steps turn it by 180°. */
struct Filter {
  const float* data;
  int64_t byOutput, byInput, byRow, byColumn;
};

/** G g along three values. */
void filterTransform(const float* g, int64_t step, float* to, int64_t toStep) {
  const float ends = g[0] + g[2 * step];
  to[0] = g[0];
  to[toStep] = 0.5F * (ends + g[step]);
  to[2 * toStep] = 0.5F * (ends - g[step]);
  to[3 * toStep] = g[2 * step];
}

/** G g Gᵀ: `[point][o / 16][c][16]`, the order in which products read it. */
at::Tensor transformFilter(const Filter& filter, int64_t c, int64_t o, int64_t outputs, const at::Tensor& like) {
  auto out = at::empty({kPoints, o / outputs, c, outputs}, like.options().requires_grad(false));
  float* to = out.data_ptr<float>();
  at::parallel_for(0, o / outputs * c, 64, [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; item++)
      for (int64_t lane = 0; lane < outputs; lane++) {
        float g[9], half[12], full[16];
        const float* from = filter.data + (item / c * outputs + lane) * filter.byOutput + item % c * filter.byInput;
        for (int64_t i = 0; i < 9; i++) g[i] = from[i / 3 * filter.byRow + i % 3 * filter.byColumn];
        for (int64_t j = 0; j < 3; j++) filterTransform(g + j, 3, half + j, 3);
        for (int64_t i = 0; i < 4; i++) filterTransform(half + i * 3, 1, full + i * 4, 1);
        for (int64_t point = 0; point < kPoints; point++) to[(point * (o / outputs) * c + item) * outputs + lane] = full[point];
      }
  });
  return out;
}

at::Tensor filtered(const at::Tensor& x, const Filter& filter, int64_t o) {
  const Sides in = sidesOf(x);
  const Products products = productsOfTiles(o);
  const int64_t outputs = products.outputs;
  const auto u = transformFilter(filter, in.c, o, outputs, x);
  auto out = emptyMaps({in.n, o, in.h, in.w}, x);
  const Grid from(in), to({in.n, o, in.h, in.w});
  const float *source = x.data_ptr<float>(), *filters = u.data_ptr<float>();
  float* target = out.data_ptr<float>();
  at::parallel_for(0, (from.count + kBlock - 1) / kBlock, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> v(kPoints * kBlock * in.c), m(kPoints * kBlock * o);
    for (int64_t first = begin * kBlock; first < std::min(end * kBlock, from.count); first += kBlock) {
      const int64_t tiles = std::min(kBlock, from.count - first);
      (fitsLanes(from) ? transformMap<kLanes> : transformMap<8>)(source, from, first, tiles, kBlock, v.data());
      for (int64_t group = 0; group < kPoints * (o / outputs); group++) {
        const int64_t point = group / (o / outputs), output = group % (o / outputs) * outputs;
        for (int64_t t = 0; t < tiles; t += products.rows)
          products.run(v.data() + (point * kBlock + t) * in.c, in.c, 1, filters + group * in.c * outputs, outputs, in.c,
                       m.data() + (point * kBlock + t) * o + output, o, false);
      }
      (fitsLanes(to) ? transformBack<kLanes> : transformBack<8>)(m.data(), to, first, tiles, kBlock, target);
    }
  });
  return out;
}

/** Adds Σ over the tiles of one part of (A dY Aᵀ) ⊙ (Bᵀ d B) to `sums[point][c][o]`. */
void addPart(const float* x, const Grid& from, const float* dy, const Grid& to, int64_t begin, int64_t end, float* sums) {
  std::vector<float> v(kPoints * kGradientBlock * from.c), d(kPoints * kGradientBlock * to.c);
  const Products products = productsOfChannels(from.c, to.c);
  for (int64_t first = begin; first < end; first += kGradientBlock) {
    const int64_t tiles = std::min(kGradientBlock, end - first);
    (fitsLanes(from) ? transformMap<kLanes> : transformMap<8>)(x, from, first, tiles, kGradientBlock, v.data());
    (fitsLanes(to) ? transformGradient<kLanes> : transformGradient<8>)(dy, to, first, tiles, kGradientBlock, d.data());
    for (int64_t point = 0; point < kPoints; point++)
      for (int64_t output = 0; output < to.c; output += products.outputs)
        for (int64_t i = 0; i < from.c; i += products.rows)
          products.run(v.data() + point * kGradientBlock * from.c + i, 1, from.c, d.data() + point * kGradientBlock * to.c + output, to.c,
                       tiles, sums + (point * from.c + i) * to.c + output, to.c, true);
  }
}

/** Gᵀ u G of each pair of channels: `[point][c][o]` to `[3,3,c,o]`. */
at::Tensor gradientOfFilter(const at::Tensor& points, int64_t c, int64_t o) {
  auto out = at::empty({3, 3, c, o}, points.options());
  const float* u = points.data_ptr<float>();
  float* to = out.data_ptr<float>();
  const int64_t pairs = c * o;  // a multiple of 8 · 16
  typedef typename Lanes<kLanes>::Vector Lane;
  for (int64_t pair = 0; pair < pairs; pair += kLanes) {
    Lane half[3][4];
    const auto gather = [](const Lane (&v)[4], Lane& a, Lane& b, Lane& e) {
      const Lane middle = 0.5F * (v[1] + v[2]);
      a = v[0] + middle;
      b = 0.5F * (v[1] - v[2]);
      e = middle + v[3];
    };
    for (int64_t j = 0; j < 4; j++) {
      Lane column[4];
      for (int64_t i = 0; i < 4; i++) column[i] = load<kLanes>(u + (i * 4 + j) * pairs + pair);
      gather(column, half[0][j], half[1][j], half[2][j]);
    }
    for (int64_t i = 0; i < 3; i++) {
      Lane row[3];
      gather(half[i], row[0], row[1], row[2]);
      for (int64_t j = 0; j < 3; j++) store<kLanes>(to + (i * 3 + j) * pairs + pair, row[j]);
    }
  }
  return out;
}

bool even(const Sides& s) { return s.h % 2 == 0 && s.w % 2 == 0; }

}  // namespace

bool fitsWinograd(const at::Tensor& x, int64_t o, int64_t side) {
  return x.is_cpu() && side == 3 && x.scalar_type() == at::kFloat && x.size(1) % 8 == 0 && o % kOutputs == 0 && even(sidesOf(x));
}

at::Tensor winograd(const at::Tensor& x, const at::Tensor& weight) {
  const Filter filter{weight.data_ptr<float>(), weight.stride(0), weight.stride(1), weight.stride(2), weight.stride(3)};
  return filtered(channelsLast(x), filter, weight.size(0));
}

at::Tensor winogradInput(const at::Tensor& gradient, const at::Tensor& weight) {
  const float* last = weight.data_ptr<float>() + 2 * weight.stride(2) + 2 * weight.stride(3);
  const Filter turned{last, weight.stride(1), weight.stride(0), -weight.stride(2), -weight.stride(3)};
  return filtered(channelsLast(gradient), turned, weight.size(1));
}

bool fitsWinogradWeight(const at::Tensor& x, const at::Tensor& gradient, int64_t side) {
  return fitsWinograd(x, gradient.size(1), side) && x.numel() / x.size(1) / 4 >= 2 * kTilesOfPart;
}

at::Tensor winogradWeight(const at::Tensor& xAnyOrder, const at::Tensor& gradientAnyOrder) {
  const auto x = channelsLast(xAnyOrder), gradient = channelsLast(gradientAnyOrder);
  const Grid from(sidesOf(x)), to(sidesOf(gradient));
  const int64_t parts = std::min(kMostParts, from.count / kTilesOfPart), ofPart = (from.count + parts - 1) / parts;
  auto sums = at::zeros({parts, kPoints, from.c, to.c}, x.options().requires_grad(false));
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++)
      addPart(x.data_ptr<float>(), from, gradient.data_ptr<float>(), to, part * ofPart, std::min((part + 1) * ofPart, from.count),
              sums.data_ptr<float>() + part * kPoints * from.c * to.c);
  });
  return gradientOfFilter(sums.sum(0), from.c, to.c);
}

}  // namespace gandl::kernels
