/*
 * Blocked matrix multiply. The blocks (MB x NB x KB) stay in the caches, a tile (UM x UN) of C stays in registers.
 * Which sizes are best only the processor can tell: tune.sh tries them and writes tuned.h.
 */
#include "matmul.h"

#ifndef MB /* the probes of tune.sh are compiled with -DMB=... and so on */
#include "tuned.h"
#endif

/* A full tile. All trip counts but k are constants, so the compiler unrolls and keeps the sums in registers. */
static void tile(int k, const double *a, int lda, const double *b, double *c, int ldc) {
  double sum[UM][UN] = {{0}};
  for (int p = 0; p < k; p++)
    for (int i = 0; i < UM; i++)
      for (int j = 0; j < UN; j++) sum[i][j] += a[i * lda + p] * b[p * ldc + j];
  for (int i = 0; i < UM; i++)
    for (int j = 0; j < UN; j++) c[i * ldc + j] += sum[i][j];
}

/* What is left at the lower and right edge of a block. */
static void edge(int m, int n, int k, const double *a, int lda, const double *b, double *c, int ldc) {
  for (int i = 0; i < m; i++)
    for (int p = 0; p < k; p++)
      for (int j = 0; j < n; j++) c[i * ldc + j] += a[i * lda + p] * b[p * ldc + j];
}

static void block(int m, int n, int k, const double *a, int lda, const double *b, double *c, int ldc) {
  int full_m = m - m % UM, full_n = n - n % UN;
  for (int i = 0; i < full_m; i += UM)
    for (int j = 0; j < full_n; j += UN) tile(k, a + i * lda, lda, b + j, c + i * ldc + j, ldc);
  edge(full_m, n - full_n, k, a, lda, b + full_n, c + full_n, ldc);
  edge(m - full_m, n, k, a + full_m * lda, lda, b, c + full_m * ldc, ldc);
}

static int smaller(int x, int y) { return x < y ? x : y; }

void matmul(int m, int n, int k, const double *a, const double *b, double *c) {
  for (int j = 0; j < n; j += NB)
    for (int p = 0; p < k; p += KB)
      for (int i = 0; i < m; i += MB)
        block(smaller(MB, m - i), smaller(NB, n - j), smaller(KB, k - p), a + i * k + p, k, b + p * n + j,
              c + i * n + j, n);
}
