// What is to be done to which memory, as plain data: told by LibTorch's side (by_element.cpp), done by a loop (elements_host.cpp) or by a
// card (../cuda/elements.cu). Pointers are borrowed; a job on a card has done nothing yet when it returns.
#pragma once

#include <cstdint>
#include <variant>

namespace gandl::elements {

/** Of the feature maps; parameters and sums are float32 beside bfloat16. */
enum class Number { bfloat16, float32, float64 };

/** Feature maps `[n,pixels,c]` in memory. */
struct Maps {
  int64_t n, pixels, c;
};

/** What every job has: whether channels go by packs of 16 bytes, which they and all addresses must then be multiples of. */
struct Form {
  Number number;
  bool isPacked;
};

/** y = x · scale, scale `[n,c]`. */
struct ScaleJob : Form {
  Maps maps;
  const void *x, *scale;
  void* y;
};

/** Null: left out. */
struct ActivationInputs {
  const void* demodulation;  // [n,c]
  const void* noise;         // [noiseMaps,pixels]
  int64_t noiseMaps;
  const void* strength;  // []
  const void* bias;      // [c]
  double slope;
};

/** y = leaky ReLU(x · demodulation + noise · strength + bias). */
struct ActivateJob : Form {
  Maps maps;
  const void* x;
  ActivationInputs with;
  void* y;
};

/** Its gradients; sums over pixels are told apart for each of `parts` ranges of pixels, `[n,parts,c]`, to be added up. */
struct ActivateBackwardJob : Form {
  Maps maps;
  const void *dy, *y, *x;
  ActivationInputs with;
  int32_t parts;
  void *dx, *byScale, *byBias, *byStrength;
};

/** Σ a · b over ranges of pixels, `[n,parts,c]`. */
struct DotJob : Form {
  Maps maps;
  const void *a, *b;
  int32_t parts;
  void* sums;
};

/** The binomial filter, then every second pixel (down); after zeros between pixels (up); to one pixel more (grow), or back (shrink). */
enum class FilterKind { down, up, grow, shrink };
struct Size {
  int64_t h, w;
};
struct FilterJob : Form {
  FilterKind kind;
  int64_t n, c;
  Size from, to;
  double gain;
  const void* x;
  void* y;
};

using Job = std::variant<ScaleJob, ActivateJob, ActivateBackwardJob, DotJob, FilterJob>;

/** Does it here and now. */
void runOnHost(const Job& job);
/** Puts it into the queue `stream` of the current card. @throws std::runtime_error with CUDA's own words. */
void runOnCard(const Job& job, void* stream);
/** The queue that LibTorch uses now, of the card with this number. */
void* currentStream(int card);

}  // namespace gandl::elements
