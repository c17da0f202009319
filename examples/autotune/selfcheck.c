/* Compares the tuned library with a naive multiply. The numbers are small integers, so that both must agree exactly. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "matmul.h"

enum { LARGEST = 150 };

static double a[LARGEST * LARGEST], b[LARGEST * LARGEST], tuned[LARGEST * LARGEST], naive[LARGEST * LARGEST];

static int agrees(int m, int n, int k) {
  for (int i = 0; i < m * k; i++) a[i] = i % 11 - 5;
  for (int i = 0; i < k * n; i++) b[i] = i % 13 - 6;
  for (int i = 0; i < m * n; i++) tuned[i] = naive[i] = i % 3;
  matmul(m, n, k, a, b, tuned);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++)
      for (int p = 0; p < k; p++) naive[i * n + j] += a[i * k + p] * b[p * n + j];
  return memcmp(tuned, naive, sizeof(double) * m * n) == 0;
}

int main(void) {
  static const int shapes[][3] = {{1, 1, 1}, {7, 5, 3}, {64, 64, 64}, {1, 97, 31}, {61, 1, 83}, {150, 149, 131}};
  for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const int *shape = shapes[i];
    if (agrees(shape[0], shape[1], shape[2])) continue;
    printf("self-check FAILED for %d x %d x %d\n", shape[0], shape[1], shape[2]);
    return 1;
  }
  struct utsname machine;
  uname(&machine);
  printf("self-check passed on %s/%s\n", machine.machine, machine.nodename);
  return 0;
}
