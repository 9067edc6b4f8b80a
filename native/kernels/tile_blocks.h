// Maps cut into tiles, and blocks of tiles in transformed form, as winograd.cpp multiplies them.
#pragma once

#include "kernels.h"
#include "lanes.h"

#include <cstdint>
#include <memory>

namespace gandl::kernels {

/** Tiles over a batch, counted image by image, row by row. */
template <class Tiles>
struct Grid {
  int64_t c, h, w, across, ofImage, count;
  explicit Grid(const Sides& s) : c(s.c), h(s.h), w(s.w), across(s.w / Tiles::kOut), ofImage(s.h / Tiles::kOut * across), count(s.n * ofImage) {}
  int64_t top(int64_t tile) const { return tile % ofImage / across * Tiles::kOut; }
  int64_t left(int64_t tile) const { return tile % across * Tiles::kOut; }
  /** Of the first channel of pixel (y, x) in the tile's image. */
  int64_t offset(int64_t tile, int64_t y, int64_t x) const { return ((tile / ofImage * h + y) * w + x) * c; }
};

/** `[point][tile][c]` of a block, not filled, at whole lines of the cache. One line more after each point keeps points out of each other's places there. */
class Block {
 public:
  Block(int64_t points, int64_t tiles, int64_t c)
      : c_(c), step_(tiles * c + kLine), memory_(new float[points * step_ + kLine]), first_(memory_.get() + kLine - addressOf(memory_.get()) % kLine) {}
  float* at(int64_t point, int64_t tile) { return first_ + point * step_ + tile * c_; }

 private:
  static constexpr int64_t kLine = 16;
  static int64_t addressOf(const float* at) { return static_cast<int64_t>(reinterpret_cast<uintptr_t>(at) / sizeof(float)); }
  int64_t c_, step_;
  std::unique_ptr<float[]> memory_;
  float* first_;
};

/** A transform of From values to To along columns, then along rows: of `from(i, j)`, to `to(i, j, value)`. */
template <int64_t From, int64_t To, class Lane, class Transform, class Source, class Target>
inline void alongBoth(const Transform& transform, const Source& from, const Target& to) {
  Lane half[To][From];
  for (int64_t j = 0; j < From; j++) {
    Lane column[From], transformed[To];
    for (int64_t i = 0; i < From; i++) column[i] = from(i, j);
    transform(column, transformed);
    for (int64_t i = 0; i < To; i++) half[i][j] = transformed[i];
  }
  for (int64_t i = 0; i < To; i++) {
    Lane row[To];
    transform(half[i], row);
    for (int64_t j = 0; j < To; j++) to(i, j, row[j]);
  }
}

/** Bᵀ d B of the pixels that each tile of a block reads; those outside the map are 0. */
template <class Tiles, int64_t Width>
void transformMap(const float* x, const Grid<Tiles>& grid, int64_t first, int64_t tiles, Block& v) {
  constexpr int64_t kIn = Tiles::kIn;
  typedef typename Lanes<Width>::Vector Lane;
  for (int64_t t = 0; t < tiles; t++) {
    const int64_t tile = first + t, top = grid.top(tile) - 1, left = grid.left(tile) - 1;
    const float* from[kIn][kIn];
    for (int64_t i = 0; i < kIn; i++)
      for (int64_t j = 0; j < kIn; j++) {
        const int64_t y = top + i, column = left + j;
        const bool inside = y >= 0 && y < grid.h && column >= 0 && column < grid.w;
        from[i][j] = inside ? x + grid.offset(tile, y, column) : nullptr;
      }
    for (int64_t k = 0; k < grid.c; k += Width)
      alongBoth<kIn, kIn, Lane>(Tiles::template map<Lane>, [&](int64_t i, int64_t j) { return from[i][j] ? load<Width>(from[i][j] + k) : Lane{}; },
                                [&](int64_t i, int64_t j, const Lane& value) { store<Width>(v.at(i * kIn + j, t) + k, value); });
  }
}

/** Aᵀ m A of each tile of a block, to its pixels. */
template <class Tiles, int64_t Width>
void transformBack(Block& m, const Grid<Tiles>& grid, int64_t first, int64_t tiles, float* y) {
  constexpr int64_t kIn = Tiles::kIn;
  typedef typename Lanes<Width>::Vector Lane;
  for (int64_t t = 0; t < tiles; t++) {
    float* corner = y + grid.offset(first + t, grid.top(first + t), grid.left(first + t));
    for (int64_t k = 0; k < grid.c; k += Width)
      alongBoth<kIn, Tiles::kOut, Lane>(Tiles::template back<Lane>, [&](int64_t i, int64_t j) { return load<Width>(m.at(i * kIn + j, t) + k); },
                                        [&](int64_t i, int64_t j, const Lane& value) { store<Width>(corner + (i * grid.w + j) * grid.c + k, value); });
  }
}

/** A dy Aᵀ of each tile of a block. */
template <class Tiles, int64_t Width>
void transformGradient(const float* dy, const Grid<Tiles>& grid, int64_t first, int64_t tiles, Block& d) {
  constexpr int64_t kIn = Tiles::kIn;
  typedef typename Lanes<Width>::Vector Lane;
  for (int64_t t = 0; t < tiles; t++) {
    const float* corner = dy + grid.offset(first + t, grid.top(first + t), grid.left(first + t));
    for (int64_t k = 0; k < grid.c; k += Width)
      alongBoth<Tiles::kOut, kIn, Lane>(Tiles::template spread<Lane>, [&](int64_t i, int64_t j) { return load<Width>(corner + (i * grid.w + j) * grid.c + k); },
                                        [&](int64_t i, int64_t j, const Lane& value) { store<Width>(d.at(i * kIn + j, t) + k, value); });
  }
}

/** As wide as the machine's registers where the channels are a multiple of that, else eight. */
template <class Tiles>
bool fitsLanes(const Grid<Tiles>& grid) {
  return grid.c % kLanes == 0;
}

}  // namespace gandl::kernels
