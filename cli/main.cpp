#include <cstdio>

#include "base/error.h"

int main() {
  std::fputs("millrace\n", stderr);
  return 0;
}
