/* Has the relay read fragments from standard input, each in memory of exactly its size: 4 bytes of length, lowest first, and the fragment. A line of what it finds for each. */
#include <stdio.h>
#include <stdlib.h>
#include "../../src/live/fragments.h"

int main(void) {
  const struct track tracks[] = {{1, 0, 0, 90000, 1, 0, 0}, {2, 0, 0, 48000, 0, 0, 0}};
  uint8_t size[4];
  while (fread(size, 1, 4, stdin) == 4) {
    const size_t length = size[0] | size[1] << 8 | size[2] << 16 | (size_t)size[3] << 24;
    uint8_t *bytes = malloc(length);
    struct fragment fragment = {0};
    if (fread(bytes, 1, length, stdin) != length) return 1;
    if (find_fragment(bytes, length, 60 * 1024, tracks, 2, &fragment) != WHOLE) puts("null");
    else
      printf("{\"length\":%zu,\"stamp\":%zu,\"track\":%d,\"time\":%.0f,\"duration\":%.0f}\n", fragment.length, fragment.stamp,
             fragment.track, fragment.time, fragment.duration);
    free(bytes);
  }
  return 0;
}
