// Vectors of single precision as wide as this machine's registers, in the compiler's own terms.
#pragma once

#include <cstdint>

namespace gandl::kernels {

#ifdef __AVX512F__
constexpr int64_t kLanes = 16;
#else
constexpr int64_t kLanes = 8;
#endif

template <int64_t Width>
struct Lanes;
template <>
struct Lanes<8> {
  typedef float Vector __attribute__((vector_size(32), aligned(4), may_alias));
};
template <>
struct Lanes<16> {
  typedef float Vector __attribute__((vector_size(64), aligned(4), may_alias));
};

template <int64_t Width>
typename Lanes<Width>::Vector load(const float* from) {
  return *reinterpret_cast<const typename Lanes<Width>::Vector*>(from);
}
template <int64_t Width>
void store(float* to, const typename Lanes<Width>::Vector& value) {
  *reinterpret_cast<typename Lanes<Width>::Vector*>(to) = value;
}

/** c[row][0 … Outputs) (+)= Σ over k of a[row·rowStep + k·step] · b[k·bStep + 0 … Outputs) for Rows rows, all sums in registers. */
template <int Rows, int Outputs>
void product(const float* a, int64_t rowStep, int64_t step, const float* b, int64_t bStep, int64_t depth, float* c, int64_t cStep, bool add) {
  typedef typename Lanes<kLanes>::Vector Vector;
  constexpr int kParts = Outputs / kLanes;
  Vector sum[Rows][kParts];
  for (int row = 0; row < Rows; row++)
    for (int part = 0; part < kParts; part++) sum[row][part] = add ? load<kLanes>(c + row * cStep + part * kLanes) : Vector{};
  for (int64_t k = 0; k < depth; k++, a += step, b += bStep) {
    Vector factor[kParts];
    for (int part = 0; part < kParts; part++) {
      factor[part] = load<kLanes>(b + part * kLanes);
#ifdef __x86_64__
      asm("" : "+v"(factor[part]));  // else the compiler loads it anew for each row, and loads are then the limit
#endif
    }
    for (int row = 0; row < Rows; row++)
      for (int part = 0; part < kParts; part++) sum[row][part] += a[row * rowStep] * factor[part];
  }
  for (int row = 0; row < Rows; row++)
    for (int part = 0; part < kParts; part++) store<kLanes>(c + row * cStep + part * kLanes, sum[row][part]);
}

}  // namespace gandl::kernels
