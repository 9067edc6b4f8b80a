// A card's work done by a loop: for tests of the arithmetic where there is no card, not for speed.
#include "elements.h"

namespace gandl::elements {

void runOnHost(const Job& job) {
  withElement(job, [](const auto& element) {
    for (int32_t i = 0, count = element.count(); i < count; i++) element(i);
  });
}

}  // namespace gandl::elements
