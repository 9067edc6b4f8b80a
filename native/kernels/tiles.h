// Minimal filtering of 3 taps along one axis (Winograd 1980): M outputs of M + 2 inputs by as many products, Y = Aᵀ[(G g) ⊙ (Bᵀ d)].
// Values are numbers or vectors of them; every factor but those of G is exact in binary.
#pragma once

#include <cstdint>

namespace gandl::kernels {

/** F(2, 3) at the points 0, 1, −1, ∞: 4 products where the definition has 6. */
struct TilesOfTwo {
  static constexpr int64_t kOut = 2, kIn = 4;
  /** Bᵀ d */
  template <class V>
  static void map(const V (&d)[4], V (&to)[4]) {
    to[0] = d[0] - d[2];
    to[1] = d[1] + d[2];
    to[2] = d[2] - d[1];
    to[3] = d[1] - d[3];
  }
  /** Aᵀ m */
  template <class V>
  static void back(const V (&m)[4], V (&to)[2]) {
    to[0] = m[0] + m[1] + m[2];
    to[1] = m[1] - m[2] - m[3];
  }
  /** A dy */
  template <class V>
  static void spread(const V (&dy)[2], V (&to)[4]) {
    to[0] = dy[0];
    to[1] = dy[0] + dy[1];
    to[2] = dy[0] - dy[1];
    to[3] = -dy[1];
  }
  /** G g */
  template <class V>
  static void filter(const V (&g)[3], V (&to)[4]) {
    const V ends = g[0] + g[2];
    to[0] = g[0];
    to[1] = 0.5F * (ends + g[1]);
    to[2] = 0.5F * (ends - g[1]);
    to[3] = g[2];
  }
  /** Gᵀ u */
  template <class V>
  static void gather(const V (&u)[4], V (&to)[3]) {
    const V middle = 0.5F * (u[1] + u[2]);
    to[0] = u[0] + middle;
    to[1] = 0.5F * (u[1] - u[2]);
    to[2] = middle + u[3];
  }
};

/**
 * F(4, 3) at the points 0, ±5/8, ±3/2, ∞: 6 products where the definition has 12. At the usual 0, ±1, ±2 its rounding error in two
 * dimensions is four times that of the definition (in norm, 64 channels), at these 1.8 times.
 */
struct TilesOfFour {
  static constexpr int64_t kOut = 4, kIn = 6;
  static constexpr float a = 0.625F, b = 1.5F, aa = a * a, bb = b * b, aaa = aa * a, bbb = bb * b;
  /** The products of each point's distances from the others. */
  static constexpr float atZero = aa * bb, atA = 2 * aa * (aa - bb), atB = 2 * bb * (bb - aa);
  template <class V>
  static void map(const V (&d)[6], V (&to)[6]) {
    const V evenA = d[4] - bb * d[2], oddA = a * (d[3] - bb * d[1]);
    const V evenB = d[4] - aa * d[2], oddB = b * (d[3] - aa * d[1]);
    to[0] = aa * bb * d[0] - (aa + bb) * d[2] + d[4];
    to[1] = evenA + oddA;
    to[2] = evenA - oddA;
    to[3] = evenB + oddB;
    to[4] = evenB - oddB;
    to[5] = aa * bb * d[1] - (aa + bb) * d[3] + d[5];
  }
  template <class V>
  static void back(const V (&m)[6], V (&to)[4]) {
    const V evenA = m[1] + m[2], oddA = m[1] - m[2], evenB = m[3] + m[4], oddB = m[3] - m[4];
    to[0] = m[0] + evenA + evenB;
    to[1] = a * oddA + b * oddB;
    to[2] = aa * evenA + bb * evenB;
    to[3] = aaa * oddA + bbb * oddB + m[5];
  }
  template <class V>
  static void spread(const V (&dy)[4], V (&to)[6]) {
    const V evenA = dy[0] + aa * dy[2], oddA = a * dy[1] + aaa * dy[3];
    const V evenB = dy[0] + bb * dy[2], oddB = b * dy[1] + bbb * dy[3];
    to[0] = dy[0];
    to[1] = evenA + oddA;
    to[2] = evenA - oddA;
    to[3] = evenB + oddB;
    to[4] = evenB - oddB;
    to[5] = dy[3];
  }
  template <class V>
  static void filter(const V (&g)[3], V (&to)[6]) {
    const V evenA = (g[0] + aa * g[2]) * (1 / atA), oddA = g[1] * (a / atA);
    const V evenB = (g[0] + bb * g[2]) * (1 / atB), oddB = g[1] * (b / atB);
    to[0] = g[0] * (1 / atZero);
    to[1] = evenA + oddA;
    to[2] = evenA - oddA;
    to[3] = evenB + oddB;
    to[4] = evenB - oddB;
    to[5] = g[2];
  }
  template <class V>
  static void gather(const V (&u)[6], V (&to)[3]) {
    const V evenA = (u[1] + u[2]) * (1 / atA), oddA = (u[1] - u[2]) * (a / atA);
    const V evenB = (u[3] + u[4]) * (1 / atB), oddB = (u[3] - u[4]) * (b / atB);
    to[0] = u[0] * (1 / atZero) + evenA + evenB;
    to[1] = oddA + oddB;
    to[2] = aa * evenA + bb * evenB + u[5];
  }
};

}  // namespace gandl::kernels
